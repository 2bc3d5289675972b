from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from eligibility.models import Entity
from eligibility.selectors import pending_requests_of, people_to_activate
from eligibility.services import set_territory
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.contact import ContactRefused, take_contact_message
from orbitrage.context import actor_of_request
from orbitrage.forms import ContactForm, TerritoryForm
from orbitrage.health import readiness
from orbitrage.shared.addresses import client_address
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from orbitrage.styleguide import example_context
from requests_app.intake.selectors.form import unfinished_forms
from requests_app.models import ImageryRequest


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    if actor.user_id is None:
        return render(request, "site/home.html")
    joining = list(people_to_activate(actor))
    waiting = {
        "for_requester": ImageryRequest.objects.awaiting_answer_of(actor).count(),
        "for_cell": ImageryRequest.objects.of_cells(actor).awaiting_cell().count()
        if actor.cells
        else None,
        "to_activate": len(joining),
    }
    context = {
        "actor": actor,
        "waiting": waiting,
        "joining": joining,
        "asked_to_join": pending_requests_of(request.user) if not actor.entity_ids else [],
    }
    return render(request, "site/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, initial=known_sender(request))
    if form.is_valid():
        try:
            take_contact_message(**form.cleaned_data, sender=sender_key(request))
        except ContactRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Your message has been taken. The answer comes by e-mail."))
            return redirect("contact")
    return render(request, "site/contact.html", {"form": form})


def known_sender(request: HttpRequest) -> dict[str, str]:
    if not request.user.is_authenticated:
        return {}
    return {"name": request.user.full_name, "email": request.user.email}


def sender_key(request: HttpRequest) -> str:
    """Whom the limit on messages counts: the account, else the network address."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{client_address(request)}"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entity_territory(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    entity = get_object_or_404(Entity.objects.visible_to(request.user), pk=pk)
    if not actor_of_request(request).manages_people_of(entity.pk):
        raise PermissionDenied
    form = TerritoryForm(request.POST or None)
    if form.is_valid():
        try:
            set_territory(entity_id=entity.pk, by_user_id=request.user.pk, **form.territory())
        except DomainError as refused:
            put_refusals(form, refused)
        else:
            messages.success(request, _("The territory of %(entity)s is set.") % {"entity": entity})
            return redirect("eligibility:entity", pk=pk)
    return render(request, "site/entity_territory.html", {"form": form, "entity": entity})


@require_safe
def emergency(request: HttpRequest) -> HttpResponse:
    """With the way back to the form that led here, for whose it is."""
    key = request.GET.get("form", "")
    begun = unfinished_forms(request.user) if key and request.user.is_authenticated else []
    kept = next((each for each in begun if str(each.key) == key), None)
    return render(request, "site/emergency.html", {"kept": kept})


@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "site/legal.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "site/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "site/accessibility.html")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component on one page, for whoever writes templates; absent from production."""
    if not (settings.DEBUG or settings.ORBITRAGE_DEMO):
        raise Http404
    return render(request, "site/styleguide.html", example_context())


@require_GET
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    checks = readiness()
    is_ready = all(check.is_ready for check in checks)
    return JsonResponse(
        {
            "ready": is_ready,
            "checks": {c.name: {"ready": c.is_ready, "detail": c.detail} for c in checks},
        },
        status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE,
    )
