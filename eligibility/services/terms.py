from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Entity, Terms, TermsAcceptance
from eligibility.notifications import ACCEPTANCE_TOPIC
from eligibility.services.accounts import lock_account
from eligibility.services.notices import tell
from eligibility.services.refusing import actor, locked_entity, refuse
from orbitrage.shared.days import day_in_words
from orbitrage.shared.transactions import retried_once


@retried_once
@transaction.atomic
def accept_terms(*, terms_id: int, user_id: int, entity_id: int | None = None) -> TermsAcceptance:
    """For an entity (charter, licences) or for oneself (terms of use). Raises terms_superseded,
    terms_not_for_this, not_legal_representative, terms_already_accepted."""
    terms = Terms.objects.get(pk=terms_id)
    _demand_current(terms)
    _demand_right_party(terms, entity_id)
    if entity_id is None:
        lock_account(user_id)
        same = TermsAcceptance.objects.filter(terms=terms, entity__isnull=True, user_id=user_id)
    else:
        _demand_signatory(user_id, locked_entity(entity_id))
        same = TermsAcceptance.objects.filter(terms=terms, entity_id=entity_id)
    known = same.first()
    if known is not None:
        raise refuse(
            "terms_already_accepted",
            _("%(terms)s: already accepted on %(day)s.")
            % {"terms": terms, "day": day_in_words(timezone.localdate(known.accepted_at))},
        )
    acceptance = TermsAcceptance.objects.create(
        terms=terms, entity_id=entity_id, user_id=user_id, text_sha256=terms.text_sha256
    )
    tell(ACCEPTANCE_TOPIC, acceptance.pk, "accepted")
    return acceptance


def _demand_current(terms: Terms) -> None:
    current = Terms.objects.in_force(timezone.localdate()).filter(kind=terms.kind).first()
    if current != terms:
        raise refuse(
            "terms_superseded",
            _("%(terms)s is not the version in force: accept %(current)s.")
            % {"terms": terms, "current": current or "—"},
        )


def _demand_right_party(terms: Terms, entity_id: int | None) -> None:
    for_an_entity = terms.kind in Terms.ACCEPTED_BY_ENTITY
    if for_an_entity and entity_id is None:
        raise refuse(
            "terms_not_for_this",
            _("%(terms)s is accepted in the name of an entity.") % {"terms": terms},
        )
    if not for_an_entity and entity_id is not None:
        raise refuse(
            "terms_not_for_this",
            _("%(terms)s is accepted by each person for themselves.") % {"terms": terms},
        )


def _demand_signatory(user_id: int, entity: Entity) -> None:
    if not actor(user_id).signs_for(entity.pk):
        raise refuse(
            "not_legal_representative",
            _("Only the legal representative of %(entity)s accepts in its name.")
            % {"entity": entity},
        )
