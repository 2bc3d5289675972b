from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from notices import selectors, services
from notices.forms import DeliveryForm
from notices.models import Notice
from notices.rules import FIXED_KINDS
from orbitrage.shared.letters import LetterKind

PAGE_SIZE = 50


@login_required
@require_safe
def notice_list(request: AuthenticatedRequest) -> HttpResponse:
    only_unread = request.GET.get("unread") == "1"
    kind = request.GET.get("kind", "")
    actor = actor_of(request.user)
    rows = selectors.notice_list(request.user, actor, only_unread=only_unread, kind=kind)
    context = {
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "only_unread": only_unread,
        "kind": kind,
        "kinds": LetterKind.choices,
        "is_filtered": only_unread or kind in LetterKind.values,
    }
    return render(request, "notices/list.html", context)


@login_required
@require_POST
def read(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    services.mark_read(notice_id=notice.pk, user=request.user)
    query = request.GET.urlencode()
    return redirect(f"{reverse('notices:list')}?{query}" if query else "notices:list")


@login_required
@require_POST
def read_all(request: AuthenticatedRequest) -> HttpResponse:
    count = services.mark_all_read(user=request.user)
    told = ngettext(
        "%(count)d notice is marked as read.", "%(count)d notices are marked as read.", count
    )
    messages.success(request, told % {"count": count})
    return redirect("notices:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: AuthenticatedRequest) -> HttpResponse:
    chosen = selectors.chosen_deliveries(request.user, actor_of(request.user))
    form = DeliveryForm(request.POST or None, chosen=chosen)
    if form.is_valid():
        services.choose_deliveries(user_id=request.user.pk, deliveries=form.cleaned_data)
        messages.success(request, _("You will be told as you have chosen."))
        return redirect("notices:preferences")
    fixed = [kind.label for kind in LetterKind if kind in FIXED_KINDS]
    return render(request, "notices/preferences.html", {"form": form, "fixed": fixed})
