from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eligibility import demo, selectors, services
from eligibility.accounts import remember_language
from eligibility.forms import (
    DemoSignInForm,
    EntityForm,
    JoinForm,
    MembershipForm,
    ProfileForm,
    SuspensionForm,
    TokenForm,
)
from eligibility.models import Affiliation, ApiToken, Entity, Membership, Terms, User
from orbitrage.shared.errors import DomainError


class SignedInRequest(HttpRequest):
    user: User


require_form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _show_refusals(request: HttpRequest, refused: DomainError) -> None:
    for refusal in refused.refusals:
        messages.error(request, refusal.message)


# --- Who may ask ----------------------------------------------------------------------------------


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    return render(
        request,
        "eligibility/rules.html",
        {
            "standings": selectors.entity_standings(request.user, today),
            "pending": selectors.pending_requests_of(request.user),
            "table": selectors.eligibility_table(today),
            "open_sensors": selectors.open_sensors(),
        },
    )


@require_GET
def terms(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Terms.objects.visible_to(request.user), pk=pk)
    return render(request, "eligibility/terms.html", {"terms": found})


# --- One's own account ----------------------------------------------------------------------------


@login_required
@require_form_methods
def profile(request: SignedInRequest) -> HttpResponse:
    user = request.user
    initial = {"full_name": user.full_name, "language": user.language}
    form = ProfileForm(request.POST or None, initial=initial)
    if form.is_valid():
        services.update_profile(user_id=user.pk, **form.cleaned_data)
        messages.success(request, _("Your profile is up to date."))
        response = redirect("eligibility:profile")
        return remember_language(response, form.cleaned_data["language"])
    context = {"form": form, "profile": selectors.profile_of(user, timezone.localdate())}
    return render(request, "eligibility/profile.html", context)


@login_required
@require_form_methods
def join(request: SignedInRequest) -> HttpResponse:
    form = JoinForm(request.POST or None)
    if form.is_valid():
        entity = form.cleaned_data["entity"]
        try:
            services.affiliate(user_id=request.user.pk, entity_id=entity.pk)
        except DomainError as refused:
            form.add_error(None, [refusal.message for refusal in refused.refusals])
        else:
            told = _("Your request is with the contact of %(entity)s.") % {"entity": entity}
            messages.success(request, told)
            return redirect("eligibility:rules")
    return render(request, "eligibility/join.html", {"form": form})


@login_required
@require_GET
def tokens(request: SignedInRequest) -> HttpResponse:
    mine = ApiToken.objects.visible_to(request.user)
    return render(request, "eligibility/tokens.html", {"tokens": mine})


@login_required
@require_form_methods
@never_cache
@reauthentication_required
def new_token(request: SignedInRequest) -> HttpResponse:
    """Only with the password given again. The secret is on the page that answers, nowhere else."""
    form = TokenForm(request.POST or None)
    if form.is_valid():
        try:
            token, secret = services.create_token(
                user_id=request.user.pk,
                session_hash=request.user.get_session_auth_hash(),
                **form.cleaned_data,
            )
        except DomainError as refused:
            form.add_error(None, [refusal.message for refusal in refused.refusals])
        else:
            context = {"token": token, "secret": secret}
            return render(request, "eligibility/token_made.html", context)
    return render(request, "eligibility/token_new.html", {"form": form})


@login_required
@require_POST
def end_token(request: SignedInRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
    services.revoke_token(token_id=token.pk, user_id=request.user.pk)
    messages.success(request, _("The token “%(name)s” has ended.") % {"name": token.name})
    return redirect("eligibility:tokens")


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Offered by a demonstration on its private database, and nowhere else."""
    if not demo.is_offered():
        raise Http404
    form = DemoSignInForm(request.POST)
    if not form.is_valid():
        raise Http404
    user = form.cleaned_data["account"]
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return remember_language(redirect("home"), user.language)


# --- Entities -------------------------------------------------------------------------------------


@login_required
@require_form_methods
def register_entity(request: SignedInRequest) -> HttpResponse:
    form = EntityForm(request.POST or None)
    if form.is_valid():
        try:
            created = services.register_entity(user_id=request.user.pk, **form.arguments())
        except DomainError as refused:
            form.add_error(None, [refusal.message for refusal in refused.refusals])
        else:
            return redirect("eligibility:entity", pk=created.pk)
    return render(request, "eligibility/entity_register.html", {"form": form})


@login_required
@require_GET
def entity(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(selectors.entities_for_page(request.user), pk=pk)
    page = selectors.entity_page(found, request.user, timezone.localdate())
    return render(request, "eligibility/entity.html", {"page": page, "entity": found})


def _change_affiliation(
    request: SignedInRequest, pk: int, service: Callable[..., None], told: str
) -> HttpResponse:
    affiliation = get_object_or_404(Affiliation.objects.visible_to(request.user), pk=pk)
    try:
        service(affiliation_id=pk, by_user_id=request.user.pk)
    except DomainError as refused:
        _show_refusals(request, refused)
    else:
        messages.success(request, told)
    return redirect("eligibility:entity", pk=affiliation.entity_id)


@login_required
@require_POST
def activate_affiliation(request: SignedInRequest, pk: int) -> HttpResponse:
    told = _("The account is active in the organisation.")
    return _change_affiliation(request, pk, services.activate_affiliation, told)


@login_required
@require_POST
def end_affiliation(request: SignedInRequest, pk: int) -> HttpResponse:
    told = _("The affiliation has ended.")
    return _change_affiliation(request, pk, services.end_affiliation, told)


@login_required
@require_form_methods
def entity_terms(request: SignedInRequest, pk: int, terms_pk: int) -> HttpResponse:
    party = get_object_or_404(Entity.objects.visible_to(request.user), pk=pk)
    found = get_object_or_404(Terms.objects.visible_to(request.user), pk=terms_pk)
    if request.method == "POST":
        try:
            services.accept_terms(terms_id=found.pk, user_id=request.user.pk, entity_id=party.pk)
        except DomainError as refused:
            _show_refusals(request, refused)
        else:
            messages.success(request, _("Accepted in the name of %(entity)s.") % {"entity": party})
        return redirect("eligibility:entity", pk=party.pk)
    context = {
        "entity": party,
        "terms": found,
        "may_sign": selectors.actor_of(request.user).signs_for(party.pk),
    }
    return render(request, "eligibility/terms.html", context)


# --- Memberships, by the secretariat --------------------------------------------------------------


def _demand_secretariat(request: SignedInRequest) -> None:
    if not selectors.actor_of(request.user).administers_memberships:
        raise Http404


@login_required
@require_form_methods
def start_membership(request: SignedInRequest, pk: int) -> HttpResponse:
    _demand_secretariat(request)
    party = get_object_or_404(Entity.objects.visible_to(request.user), pk=pk)
    form = MembershipForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    if form.is_valid():
        try:
            services.start_membership(
                entity_id=party.pk, by_user_id=request.user.pk, **form.arguments()
            )
        except DomainError as refused:
            form.add_error(None, [refusal.message for refusal in refused.refusals])
        else:
            return redirect("eligibility:entity", pk=party.pk)
    return render(request, "eligibility/membership_start.html", {"form": form, "entity": party})


@login_required
@require_form_methods
def suspend_membership(request: SignedInRequest, pk: int) -> HttpResponse:
    _demand_secretariat(request)
    memberships = Membership.objects.visible_to(request.user).select_related("entity")
    membership = get_object_or_404(memberships, pk=pk)
    form = SuspensionForm(request.POST or None)
    if form.is_valid():
        try:
            services.suspend_membership(
                membership_id=pk, by_user_id=request.user.pk, **form.cleaned_data
            )
        except DomainError as refused:
            form.add_error(None, [refusal.message for refusal in refused.refusals])
        else:
            return redirect("eligibility:entity", pk=membership.entity_id)
    context = {"form": form, "membership": membership, "entity": membership.entity}
    return render(request, "eligibility/membership_suspend.html", context)


@login_required
@require_POST
def reinstate_membership(request: SignedInRequest, pk: int) -> HttpResponse:
    _demand_secretariat(request)
    membership = get_object_or_404(Membership.objects.visible_to(request.user), pk=pk)
    try:
        services.reinstate_membership(membership_id=pk, by_user_id=request.user.pk)
    except DomainError as refused:
        _show_refusals(request, refused)
    return redirect("eligibility:entity", pk=membership.entity_id)
