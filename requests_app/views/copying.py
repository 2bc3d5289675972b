from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import DomainError
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.views.unfinished import form_key


@login_required
@require_POST
def copy(request: AuthenticatedRequest, number: str) -> HttpResponse:
    source = get_object_or_404(ImageryRequest.objects.visible_to(request.user), number=number)
    try:
        draft = intake.copy_once(
            key=form_key(request) or uuid4(), request_id=source.pk, user=request.user
        )
    except DomainError as refused:
        messages.error(request, str(refused))
        return redirect(source)
    if draft.window_ends_on != source.window_ends_on and draft.window_ends_on is not None:
        message = _("The window of %(number)s is over: the copy asks for one until %(end)s.")
        said = {"number": source.number, "end": day_in_words(draft.window_ends_on)}
        messages.info(request, message % said)
    return redirect(draft)
