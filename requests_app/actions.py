"""Which form and which service stand behind each move a person makes on a page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app import opening
from requests_app.arbitration import forms as arbitration_forms
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import rescission
from requests_app.forms import ReasonForm
from requests_app.handling import forms as handling_forms
from requests_app.handling import services as handling
from requests_app.handling.services import people
from requests_app.intake import services as intake
from requests_app.intake.forms import answers as intake_forms
from requests_app.intake.services import deliveries, offers
from requests_app.models import ImageryRequest
from requests_app.opening import Opening
from requests_app.review import forms as review_forms
from requests_app.review import services as review
from requests_app.selectors import AvailableTransition
from requests_app.supply import forms as supply_forms
from requests_app.supply import services as supply
from requests_app.supply.services import amendments, disputes, windows


@dataclass(frozen=True)
class Action:
    """A move's page: ``service`` takes the form's cleaned data as keyword arguments.

    ``is_aside``: it does not bring the request forward, and is offered apart. ``opening`` takes the
    request and the cleaned data, before a transaction that is wider than the service's own.
    """

    service: Callable[..., ImageryRequest]
    done: Promise
    form: type[forms.Form] = forms.Form
    template: str = "requests_app/action.html"
    needs_request: bool = False
    is_final: bool = False
    is_aside: bool = False
    explanation: Promise | str = ""
    opening: Opening | None = None


END_OF_SUPPLY = _(
    "What came stays charged; the rest is refunded. When nothing ever came, the licence is revoked."
)

ACTIONS: dict[str, Action] = {
    "submit": Action(
        intake.submit,
        _("The request is submitted."),
        template="requests_app/submit.html",
        opening=opening.to_submit,
    ),
    "submit_open_data": Action(
        intake.submit_open_data, _("Here are your links."), template="requests_app/submit.html"
    ),
    "recall": Action(
        intake.recall,
        _("The request is a draft again."),
        explanation=_("The request becomes a draft again; you can change and submit it later."),
    ),
    "answer": Action(
        intake.answer,
        _("The answer is sent."),
        intake_forms.AnswerForm,
        opening=opening.of_the_day,
    ),
    "accept_offer": Action(
        offers.accept_offer, _("The offer is accepted."), intake_forms.AcceptOfferForm
    ),
    "reply_to_offer": Action(
        offers.reply_to_offer, _("The reply is sent."), intake_forms.ReplyForm
    ),
    "decline_offer": Action(
        offers.decline_offer,
        _("The offer is declined."),
        intake_forms.DeclineForm,
        is_final=True,
        explanation=_("Declining ends the request. This cannot be undone."),
    ),
    "accept_delivery": Action(
        deliveries.accept_delivery,
        _("The request is closed."),
        explanation=_("You confirm that the images are what was agreed."),
    ),
    "dispute": Action(
        deliveries.dispute,
        _("The dispute is recorded."),
        intake_forms.DisputeForm,
        needs_request=True,
    ),
    "take": Action(
        review.take,
        _("The file is yours."),
        explanation=_("You become the reviewer of this file; nobody else can take it."),
    ),
    "recommend": Action(
        review.recommend,
        _("The file is in arbitration."),
        review_forms.RecommendForm,
        needs_request=True,
    ),
    "request_information": Action(
        review.request_information, _("The question is sent."), review_forms.QuestionForm
    ),
    "release_file": Action(
        review.release_file,
        _("The file is back in the queue."),
        explanation=_("Another reviewer of the cell can then take it."),
    ),
    "propose_inadmissible": Action(
        review.propose_inadmissible,
        _("The proposal is with the arbitrators."),
        review_forms.OpinionForm,
        explanation=_("An arbitrator who agrees refuses the file as inadmissible."),
    ),
    "close_nationality_review": Action(
        review.close_nationality_review,
        _("The review of nationality is closed."),
        explanation=_("You confirm that the nationality of everybody who asks is reviewed."),
    ),
    "approve": Action(
        arbitration.approve,
        _("The request is approved."),
        arbitration_forms.ApproveForm,
        template="requests_app/decide.html",
        needs_request=True,
    ),
    "offer": Action(
        arbitration.offer,
        _("The offer is sent."),
        arbitration_forms.OfferForm,
        template="requests_app/offer.html",
        needs_request=True,
        opening=opening.to_offer,
    ),
    "refuse": Action(
        arbitration.refuse,
        _("The request is refused."),
        arbitration_forms.RefuseForm,
        needs_request=True,
        is_final=True,
    ),
    "return_to_review": Action(
        arbitration.return_to_review,
        _("The file is back in review."),
        arbitration_forms.ReturnForm,
    ),
    "defer": Action(
        arbitration.defer,
        _("The file is deferred."),
        arbitration_forms.DeferForm,
        opening=opening.to_defer,
    ),
    "resume": Action(
        arbitration.resume,
        _("The file is back in arbitration."),
        explanation=_("The demand moves to the envelopes of the current period."),
        opening=opening.of_today,
    ),
    "withdraw_offer": Action(arbitration.withdraw_offer, _("The offer is withdrawn."), ReasonForm),
    "rescind": Action(
        rescission.rescind,
        _("The decision is rescinded."),
        template="requests_app/rescind.html",
        explanation=_(
            "The decision is undone: what it holds goes back, its licence is revoked and keeps its"
            " number, and the file is back in arbitration."
        ),
    ),
    "reject_rescission": Action(
        rescission.reject_rescission,
        _("The decision is kept."),
        ReasonForm,
        template="requests_app/rescind.html",
        explanation=_("The decision stands, and its order no longer waits."),
    ),
    "order": Action(
        supply.order,
        _("The order leaves for the operator."),
        template="requests_app/decide.html",
        explanation=_("What is held on the envelopes is consumed, and the order is sent."),
    ),
    "register_delivery": Action(
        supply.register_delivery, _("The delivery is registered."), supply_forms.DeliveryForm
    ),
    "amend_order": Action(
        amendments.amend_order,
        _("The order is amended."),
        template="requests_app/amendment.html",
        explanation=_("You agree to the change below, which the operator has confirmed."),
    ),
    "decline_amendment": Action(
        amendments.decline_amendment,
        _("The order goes on as it left."),
        supply_forms.DeclineAmendmentForm,
        template="requests_app/amendment.html",
        explanation=_("The order goes on as it left."),
    ),
    "choose_on_shortfall": Action(
        windows.choose_on_shortfall,
        _("Your choice is recorded."),
        supply_forms.ShortfallForm,
        explanation=_(
            "The window has ended before everything came. What came stays yours; without an answer"
            " the rest is given back."
        ),
    ),
    "extend_window": Action(
        windows.extend_window,
        _("The window is extended."),
        supply_forms.ExtendForm,
        explanation=_("The requester chose that the window be extended if the operator can."),
    ),
    "propose_amendment": Action(
        amendments.propose_amendment,
        _("The requester is asked to agree."),
        supply_forms.AmendmentForm,
        needs_request=True,
        is_aside=True,
        explanation=_("Once the operator has confirmed a change, its requester must agree to it."),
    ),
    "close_window": Action(
        supply.close_window,
        _("The window is closed."),
        is_final=True,
        explanation=END_OF_SUPPLY,
    ),
    "stop_order": Action(
        supply.stop_order,
        _("The order is stopped."),
        ReasonForm,
        is_final=True,
        explanation=END_OF_SUPPLY,
    ),
    "fail": Action(
        supply.fail,
        _("The failure is recorded."),
        ReasonForm,
        is_final=True,
        explanation=END_OF_SUPPLY,
    ),
    "uphold_delivery": Action(disputes.uphold_delivery, _("The delivery is upheld."), ReasonForm),
    "retask": Action(
        disputes.retask,
        _("The order leaves for the operator again."),
        supply_forms.RetaskForm,
        needs_request=True,
        explanation=_("The same area is ordered again; what had been refunded is taken again."),
    ),
    "refund_part": Action(
        disputes.refund_part,
        _("The refund is posted, and the request closed."),
        supply_forms.RefundForm,
        needs_request=True,
        is_final=True,
    ),
    "expedite": Action(
        handling.expedite,
        _("The file is expedited."),
        ReasonForm,
        is_aside=True,
        explanation=_("It is decided outside a meeting. The annual figures count such files."),
    ),
    "assign": Action(
        handling.assign,
        _("The file is given to its reviewer."),
        handling_forms.AssignForm,
        needs_request=True,
        is_aside=True,
        explanation=_(
            "Nobody else can take the file then. The list names the other reviewers of the cell"
            " who have no interest in it."
        ),
    ),
    "reroute": Action(
        handling.reroute,
        _("The file is moved."),
        handling_forms.RerouteForm,
        needs_request=True,
        is_aside=True,
        explanation=_("The demand moves to the envelopes of the other cell, which decides."),
        opening=opening.to_reroute,
    ),
    "transfer_request": Action(
        people.transfer_request,
        _("The request is transferred."),
        handling_forms.TransferForm,
        needs_request=True,
        is_aside=True,
        explanation=_("This person asks from now on, answers, and accepts what comes."),
    ),
    "add_co_requester": Action(
        people.add_co_requester,
        _("The co-requester is added."),
        handling_forms.AddCoRequesterForm,
        is_aside=True,
        explanation=_("A co-requester sees the request, changes, submits and cancels it with you."),
    ),
    "remove_co_requester": Action(
        people.remove_co_requester,
        _("The co-requester is removed."),
        handling_forms.RemoveCoRequesterForm,
        needs_request=True,
        is_aside=True,
    ),
    "leave_request": Action(
        people.leave_request,
        _("You ask for this request no longer."),
        is_aside=True,
        explanation=_("You no longer see this request, unless by an office or your entity."),
    ),
    "propose_rescission": Action(
        rescission.propose_rescission,
        _("A second person is asked to confirm."),
        ReasonForm,
        is_aside=True,
        explanation=_(
            "A second person confirms, and one of you two chairs the cell. The order waits until"
            " then."
        ),
    ),
    "cancel": Action(
        intake.cancel,
        _("The request is cancelled."),
        intake_forms.CancelForm,
        is_final=True,
        explanation=_("Everything held on the quotas goes back. This cannot be undone."),
    ),
}
"""In the order in which a page offers them: what is expected first, what ends a request last."""


@dataclass(frozen=True)
class MoveLink:
    """A link of a request's page."""

    name: str
    label: str
    is_final: bool
    is_aside: bool


def moves_of(request: ImageryRequest, available: Iterable[AvailableTransition]) -> list[MoveLink]:
    """The moves that have a page; of the two ways to submit, the one that suits the sensor."""
    unsuited = "submit" if request.sensor.is_open_data else "submit_open_data"
    labels = {found.name: found.label for found in available if found.name != unsuited}
    return [
        MoveLink(name, labels[name], action.is_final, action.is_aside)
        for name, action in ACTIONS.items()
        if name in labels
    ]
