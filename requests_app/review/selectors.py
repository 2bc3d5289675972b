"""What a reviewer may begin."""

from eligibility.permissions import Actor
from orbitrage.shared.errors import Refusal
from requests_app.models import ImageryRequest
from requests_app.review import rules


def given_to_another(request: ImageryRequest, actor: Actor) -> list[Refusal]:
    """Why ``actor`` cannot take the file, a chair having given it to somebody else."""
    is_anothers = request.reviewer_id not in (None, actor.user_id)
    holder = request.reviewer.full_name if is_anothers and request.reviewer else None
    refusal = rules.file_is_not_anothers(holder=holder)
    return [refusal] if refusal else []
