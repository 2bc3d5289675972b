"""What a reviewer does with one file."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from requests_app.effects import days_from_today
from requests_app.models import ImageryRequest
from requests_app.transitions import TransitionRefused, begin, record, require_text, save


@retried_once
@transaction.atomic
def take(*, request_id: int, user: User) -> ImageryRequest:
    """Take a submitted file; nobody else has it from then on."""
    move = begin(request_id, "take", user)
    move.request.take(reviewer_id=user.pk)
    record(move)
    save(move.request)
    return move.request


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
    if request.sensor.needs_nationality_review and not nationality_reviewed:
        raise TransitionRefused(
            Refusal(
                "nationality_review_open",
                _("%s asks for a review of the users' nationality: confirm that it is done.")
                % request.sensor.name,
            )
        )
    request.recommend()
    request.nationality_reviewed = nationality_reviewed
    record(move, note=opinion, changes={"nationality_reviewed": nationality_reviewed})
    save(request, "nationality_reviewed")
    return request


@retried_once
@transaction.atomic
def propose_inadmissible(*, request_id: int, user: User, opinion: str) -> ImageryRequest:
    """Propose to an arbitrator to refuse the file as inadmissible; recorded, no change of state."""
    require_text(opinion, "opinion_missing", _("Say why the file is inadmissible."))
    move = begin(request_id, "recommend", user)
    move.request.inadmissible_proposed = True
    record(replace(move, transition="propose_inadmissible"), note=opinion, reason="inadmissible")
    save(move.request)
    return move.request
