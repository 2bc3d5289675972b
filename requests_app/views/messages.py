"""Writing about a request, and fetching what was attached."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.documents.files import FileAltered
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from orbitrage.shared.text import is_key
from requests_app.attachments.downloads import attachment_open_to, download
from requests_app.messages.forms import MessageForm
from requests_app.messages.permissions import kinds_open_to
from requests_app.messages.services import write_message
from requests_app.models import ImageryRequest, Message
from requests_app.selectors import request_page
from requests_app.views.reading import page_context


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def messages_page(request: AuthenticatedRequest, number: str) -> HttpResponse:
    """What happened and what was written, on a page of its own, where one may write."""
    page = request_page(request.user, messages_before=_before(request))
    imagery_request = get_object_or_404(page, number=number)
    form = _typed(request, imagery_request) if request.method == "POST" else None
    sent = _sent(request, imagery_request, form) if form and form.is_valid() else None
    if sent is not None:
        done = _("The note is kept.") if sent.is_internal else _("The message is sent.")
        messages.success(request, done)
        return redirect(f"{imagery_request.get_absolute_url()}#{sent.anchor}")
    context = page_context(imagery_request, request.user)
    if form is not None:
        context["message_form"] = form
    is_refused = form is not None and form.non_field_errors()
    status = HTTPStatus.CONFLICT if is_refused else HTTPStatus.OK
    return render(request, "requests_app/messages.html", context, status=status)


def _before(request: AuthenticatedRequest) -> int | None:
    """The message before which earlier ones are asked for."""
    said = request.GET.get("before", "")
    return int(said) if is_key(said) else None


def _typed(request: AuthenticatedRequest, imagery_request: ImageryRequest) -> MessageForm:
    kinds = kinds_open_to(imagery_request, actor_of(request.user))
    if not kinds:
        raise PermissionDenied
    return MessageForm(request.POST, request.FILES, kinds=kinds)


def _sent(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, form: MessageForm
) -> Message | None:
    try:
        return write_message(request_id=imagery_request.pk, user=request.user, **form.cleaned_data)
    except DomainError as error:
        put_refusals(form, error)
        return None


@login_required
@require_safe
@never_cache
def attachment(request: AuthenticatedRequest, number: str, key: UUID) -> HttpResponse:
    """To be kept, never shown: whatever it holds stays out of this site's pages."""
    found = attachment_open_to(request.user, number=number, key=key)
    try:
        return download(found)
    except FileAltered:
        context = {"number": number, "name": str(found.name)}
        unavailable = HTTPStatus.SERVICE_UNAVAILABLE
        return render(request, "requests_app/attachment_altered.html", context, status=unavailable)
