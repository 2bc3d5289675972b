from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.views.form_key import form_key


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
    return redirect(draft)
