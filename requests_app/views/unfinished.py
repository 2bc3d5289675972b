"""Forms that are being filled in: kept as they are typed, gone on with, given up."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from eligibility.models import User
from eligibility.signed_in import AuthenticatedRequest
from requests_app.intake import services as intake
from requests_app.intake.forms.answers import NewRequestForm
from requests_app.intake.services import FormRefused, Typed
from requests_app.models import ImageryRequest, UnfinishedForm, UploadedArea
from requests_app.views.area import area_id_in

OWNER_SALT = "requests_app.form"
OWNER_DAYS = 30
KEPT_BESIDE_FIELDS = frozenset({"area_given_by", "to_depth", "request_version"})
KEPT = (frozenset(NewRequestForm.base_fields) | KEPT_BESIDE_FIELDS) - {"area_file"}
VERSION_DIGITS = 9
MARK_CHARACTERS = 16

P = ParamSpec("P")
View = Callable[Concatenate[AuthenticatedRequest, P], HttpResponse]


@dataclass(frozen=True)
class FormPage:
    """The kept form that a page belongs to. ``owner`` is a signed word that says for whom the page
    was made, so that what is typed there is theirs even if their sign-in has run out."""

    key: UUID
    version: int
    owner: str

    @classmethod
    def fresh(cls, user: User) -> "FormPage":
        return cls.of(uuid4(), 0, user)

    @classmethod
    def opened(cls, request: HttpRequest, user: User) -> "FormPage":
        """That of a form of which nothing is kept: sent before, it is the same one still."""
        key = form_key(request)
        if key is None or UnfinishedForm.objects.filter(key=key).exists():
            return cls.fresh(user)
        return cls.of(key, 0, user)

    @classmethod
    def of(cls, key: UUID, version: int, user: User) -> "FormPage":
        said = {"form": str(key), "user": user.pk, "mark": _mark_of(user)}
        owner = signing.dumps(said, salt=OWNER_SALT)
        return cls(key, version, owner)

    @classmethod
    def of_kept(cls, kept: UnfinishedForm, user: User) -> "FormPage":
        return cls.of(kept.key, kept.version, user)

    @classmethod
    def sent(cls, request: HttpRequest) -> "FormPage | None":
        """None of a form that no page of ours has sent: it is not kept."""
        key = form_key(request)
        version = request.POST.get("form_version", "0")
        if key is None or not (version.isdecimal() and len(version) <= VERSION_DIGITS):
            return None
        return cls(key, int(version), request.POST.get("form_owner", ""))

    @property
    def owned_by(self) -> User | None:
        """For whom the page was made; None when its word does not say so, or no longer: their
        password has ended it, as it ends their sessions."""
        try:
            max_age = OWNER_DAYS * 24 * 60 * 60
            said = signing.loads(self.owner, salt=OWNER_SALT, max_age=max_age)
        except signing.BadSignature:
            return None
        if said["form"] != str(self.key):
            return None
        owner = User.objects.filter(pk=said["user"], is_active=True).first()
        is_in_force = owner is not None and said.get("mark") == _mark_of(owner)
        return owner if is_in_force else None


def _mark_of(user: User) -> str:
    """Another with every new password."""
    return user.get_session_auth_hash()[:MARK_CHARACTERS]


def form_key(request: HttpRequest) -> UUID | None:
    """Of the page that a form was sent from, or that its address names: sent again, it is the same
    request."""
    try:
        return UUID(request.POST.get("form_key") or request.GET.get("form", ""))
    except ValueError:
        return None


def typed_in(request: HttpRequest, page: FormPage, user: User, area: UploadedArea | None) -> Typed:
    """What was posted, but for files. Whoever comes back from an emergency has none any more."""
    answers = {name: request.POST.getlist(name) for name in KEPT & request.POST.keys()}
    changed = request_of_form(request, user)
    return Typed(
        answers=answers | ({"is_emergency": ["no"]} if "is_emergency" in answers else {}),
        version=page.version,
        area_id=area_id_in(request) if area is None else area.pk,
        request_id=None if changed is None else changed.pk,
    )


def request_of_form(request: HttpRequest, user: User) -> ImageryRequest | None:
    """The one that is being changed, where the form says so."""
    number = request.POST.get("form_request", "").replace("\0", "")
    seen = ImageryRequest.objects.visible_to(user).filter(number=number)
    changed: ImageryRequest | None = seen.first() if number else None
    return changed


def keep(
    request: HttpRequest, page: FormPage, user: User, *, area: UploadedArea | None = None
) -> UnfinishedForm:
    """``area`` was read from what was posted.

    Raises:
        FormRefused: as the service.
        Http404: the key is somebody else's.
    """
    typed = typed_in(request, page, user, area)
    try:
        return intake.keep_form(key=page.key, user=user, typed=typed)
    except UnfinishedForm.DoesNotExist:
        raise Http404 from None


def kept_through_sign_in(view: View[P]) -> View[P]:
    """What is sent when the sign-in has run out is kept for whom the page was made, who finds it
    again after signing in. Nobody else does."""

    @wraps(view)
    def kept(request: AuthenticatedRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "POST" or request.user.is_authenticated:
            return view(request, *args, **kwargs)
        page = FormPage.sent(request)
        owner = page.owned_by if page is not None else None
        if page is None or owner is None:
            return view(request, *args, **kwargs)
        try:
            unfinished = keep(request, page, owner)
        except FormRefused:
            return view(request, *args, **kwargs)
        return redirect_to_login(unfinished.get_absolute_url())

    return cast("View[P]", kept)


def keep_form(request: HttpRequest) -> HttpResponse:
    """What stands in a form some seconds after a change; the page shows what is answered. Whoever
    has been signed out meanwhile goes on typing, and is told."""
    page = FormPage.sent(request)
    if request.user.is_authenticated and request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    owner = _writer(request, page)
    if owner is None:
        return redirect_to_login(request.get_full_path())
    if page is None:
        return JsonResponse({"code": "no_form"}, status=HTTPStatus.BAD_REQUEST)
    try:
        kept = keep(request, page, owner)
    except FormRefused as refused:
        (refusal,) = refused.refusals
        told = {"code": refusal.code, "said": refusal.message}
        return JsonResponse(told, status=HTTPStatus.CONFLICT)
    said = _kept_at(kept) if request.user.is_authenticated else _kept_signed_out(kept)
    return JsonResponse({"version": kept.version, "said": said, "address": kept.get_absolute_url()})


def _writer(request: HttpRequest, page: FormPage | None) -> User | None:
    if request.user.is_authenticated:
        return request.user
    return None if page is None else page.owned_by


def _kept_at(kept: UnfinishedForm) -> str:
    return _("Kept at %(time)s.") % {"time": date_format(timezone.localtime(kept.saved_at), "H:i")}


def _kept_signed_out(kept: UnfinishedForm) -> str:
    then = _("You have been signed out: sending it asks you to sign in again.")
    return f"{_kept_at(kept)} {then}"


@login_required
@require_POST
def give_up_form(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    kept = get_object_or_404(UnfinishedForm.objects.visible_to(request.user), key=key)
    intake.forget_form(key=key, user=request.user)
    return redirect("requests:new" if kept.request is None else kept.request)
