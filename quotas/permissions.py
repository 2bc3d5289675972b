"""Who may deal with the prices put to an entity."""

from eligibility.permissions import Actor


def keeps_accounts_of(actor: Actor, entity_id: int) -> bool:
    """Asks for packages and records accounting references: its contact, and the secretariat."""
    return entity_id in actor.contact_of or actor.is_secretariat


def commits_money_of(actor: Actor, entity_id: int) -> bool:
    """Accepts a price: its contact alone."""
    return entity_id in actor.contact_of
