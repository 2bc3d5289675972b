"""What a reviewer does with one file."""

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from requests_app.effects import days_from_today
from requests_app.models import ImageryRequest
from requests_app.reasons import RefusalReason
from requests_app.review import rules
from requests_app.review.selectors import given_to_another
from requests_app.transitions import (
    TransitionRefused,
    begin,
    record,
    refuse_any,
    refuse_if,
    require_text,
    save,
)


@retried_once
@transaction.atomic
def take(*, request_id: int, user: User) -> ImageryRequest:
    """Take a submitted file; nobody else has it from then on.

    Raises:
        TransitionRefused: the chair has given it to somebody else.
    """
    move = begin(request_id, "take", user)
    request = move.request
    refuse_if(given_to_another(request, move.actor))
    request.take(reviewer_id=user.pk)
    record(move)
    save(request)
    return request


@retried_once
@transaction.atomic
def release_file(*, request_id: int, user: User) -> ImageryRequest:
    """Put a file back for another reviewer to take."""
    move = begin(request_id, "release_file", user)
    move.request.release_file()
    record(move)
    save(move.request)
    return move.request


@retried_once
@transaction.atomic
def request_information(*, request_id: int, user: User, question: str) -> ImageryRequest:
    """Ask the requester something; the file waits for the answer until its due date."""
    require_text(question, "question_missing", _("Write the question to the requester."))
    move = begin(request_id, "request_information", user)
    due_on = days_from_today("answer-due-days")
    move.request.request_information(due_on=due_on)
    record(move, note=question, changes={"due_on": due_on.isoformat()})
    save(move.request)
    return move.request


@retried_once
@transaction.atomic
def recommend(
    *, request_id: int, user: User, opinion: str, nationality_reviewed: bool = False
) -> ImageryRequest:
    """Send the file to arbitration with the reviewer's opinion.

    Raises:
        TransitionRefused: the opinion is empty, or the sensor asks for a review of nationality
            that is not done.
    """
    require_text(opinion, "opinion_missing", _("Write your opinion for the arbitrators."))
    move = begin(request_id, "recommend", user)
    request = move.request
    is_reviewed = nationality_reviewed or request.nationality_reviewed
    if request.sensor.needs_nationality_review and not is_reviewed:
        raise TransitionRefused(
            Refusal(
                "nationality_review_open",
                _("%s asks for a review of the users' nationality: confirm that it is done.")
                % request.sensor.name,
            )
        )
    request.recommend()
    request.nationality_reviewed = is_reviewed
    record(move, note=opinion, changes={"nationality_reviewed": is_reviewed})
    save(request)
    return request


@retried_once
@transaction.atomic
def propose_inadmissible(*, request_id: int, user: User, opinion: str) -> ImageryRequest:
    """Propose to an arbitrator to refuse the file as inadmissible; recorded, no change of state.

    Raises:
        TransitionRefused: the opinion is empty, or it is proposed already.
    """
    require_text(opinion, "opinion_missing", _("Say why the file is inadmissible."))
    move = begin(request_id, "propose_inadmissible", user)
    request = move.request
    refuse_any(rules.not_proposed_yet(is_proposed=request.inadmissible_proposed))
    request.propose_inadmissible()
    record(move, note=opinion, reason=RefusalReason.INADMISSIBLE)
    save(request)
    return request


@retried_once
@transaction.atomic
def close_nationality_review(*, request_id: int, user: User) -> ImageryRequest:
    """Say that the users' nationality is reviewed, where the sensor asks for it: also of those who
    joined a file after its review; recorded, no change of state."""
    move = begin(request_id, "close_nationality_review", user)
    request = move.request
    refuse_any(
        rules.nationality_is_to_review(
            is_needed=request.sensor.needs_nationality_review,
            is_done=request.nationality_reviewed,
            sensor=request.sensor.name,
        )
    )
    request.close_nationality_review()
    record(move)
    save(request)
    return request
