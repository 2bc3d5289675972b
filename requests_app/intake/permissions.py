"""Who asks for the same again."""

from datetime import date

from eligibility.permissions import Actor
from requests_app.models import ImageryRequest
from requests_app.permissions import is_asking


def may_copy(request: ImageryRequest, actor: Actor, on: date) -> bool:
    """Whoever is of the entity; of its contractor, who asks, while their mandate runs."""
    mandate = request.mandate
    if mandate is None or actor.belongs_to(request.entity_id):
        return actor.belongs_to(request.entity_id)
    is_running = mandate.starts_on <= on <= mandate.ends_on
    return is_asking(request, actor) and actor.belongs_to(mandate.contractor_id) and is_running
