"""Who signs a licence, and the link by which they do: signed itself, so that nothing secret is
stored."""

from datetime import timedelta
from secrets import compare_digest

from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from eligibility.models import Affiliation, User
from licences.kinds import get_kind
from licences.models import Licence

SALT = "licences.sign"
LINK_LASTS = timedelta(days=30)
REQUESTER = "requester"


def signatories_of(licence: Licence) -> models.QuerySet[User]:
    """Who may sign it, by the posts they hold today and by what its kind says."""
    roles = get_kind(licence.kind, licence.kind_version).signatories
    posts = Affiliation.objects.running(timezone.localdate()).filter(
        entity_id=licence.entity_id, role__in=roles
    )
    allowed = models.Q(pk__in=posts.values("user_id"))
    if REQUESTER in roles and acts_still(licence, licence.requester):
        allowed |= models.Q(pk=licence.requester_id)
    return User.objects.filter(allowed, is_active=True).order_by("pk")


def acts_still(licence: Licence, requester: User | None) -> bool:
    """Whether who asked for it is still of its entity, or under a mandate of it."""
    if requester is None:
        return False
    return Licence.objects.visible_to(requester).filter(pk=licence.pk).exists()


def role_of(licence: Licence, user: User) -> str:
    """As what they sign: the first that its kind names of those they are; empty if none."""
    posts = Affiliation.objects.running(timezone.localdate()).filter(
        entity_id=licence.entity_id, user_id=user.pk
    )
    held = set(posts.values_list("role", flat=True))
    if licence.requester_id == user.pk and acts_still(licence, user):
        held.add(REQUESTER)
    roles = get_kind(licence.kind, licence.kind_version).signatories
    return next((role for role in roles if role in held), "") if user.is_active else ""


def path_to_sign(licence: Licence, user: User) -> str:
    """Good for one signature, for 30 days, until the password of ``user`` changes."""
    bound = [licence.pk, user.pk, _of_password(user)]
    return reverse("licences:sign", args=[signing.dumps(bound, salt=SALT)])


def _of_password(user: User) -> str:
    """Changes with the password, and tells nothing of the session."""
    return salted_hmac(SALT, user.get_session_auth_hash()).hexdigest()


def licence_to_sign(token: str, user: User) -> int | None:
    """The key of the licence that the link of ``user`` is about; None for any other link."""
    try:
        licence_id, user_id, of_password = signing.loads(token, salt=SALT, max_age=LINK_LASTS)
    except signing.BadSignature:
        return None
    is_theirs = user_id == user.pk and compare_digest(of_password, _of_password(user))
    return int(licence_id) if is_theirs else None
