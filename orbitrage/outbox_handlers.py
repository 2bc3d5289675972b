"""Which function brings about which effect: the one place that knows every app's."""

from celery import shared_task

from catalogue.periodic import open_regions
from eligibility import notifications as eligibility_mails
from licences import memberships, rendering, renewals, signing
from licences import notifications as licence_mails
from notices import notifications as notice_mails
from notices.services import deliver
from orbitrage.contact import send_contact_message
from orbitrage.shared import outbox
from orbitrage.shared.api.idempotency import forget_answers
from orbitrage.shared.letters import Letter
from orbitrage.shared.outbox import Handler, Payload
from quotas import notifications as quota_mails
from quotas import services as quotas
from requests_app import notifications as request_mails
from requests_app.intake.services import follow_renewal, follow_signature
from requests_app.messages import notifications as message_notices
from requests_app.operators import manual


def tell_of_record(record_id: int) -> None:
    """Those it concerns, then the addresses that are copied. Twice, each is written once."""
    request_mails.tell_readers(record_id)
    notice_mails.leave_copies(record_id)


def deliver_where_right(letter: Letter | None) -> None:
    """None: whom it is for lost the right to read it since it was written down."""
    if letter is not None:
        deliver(letter)


def follow_membership(payload: Payload) -> None:
    """Its letters, and its documents in their time. Twice, each is left once."""
    eligibility_mails.tell_of_membership(payload)
    memberships.leave_documents(payload)


HANDLERS: dict[str, Handler] = {
    "eligibility.acceptance": memberships.follow_acceptance,
    "eligibility.affiliation": eligibility_mails.tell_of_affiliation,
    "eligibility.mail": lambda payload: deliver(eligibility_mails.letter_of(payload)),
    "eligibility.membership": follow_membership,
    "licences.ask_signature": signing.ask_signatories,
    "licences.open_region": lambda _payload: open_regions(),
    "licences.mail": lambda payload: deliver_where_right(licence_mails.letter_of(payload)),
    memberships.DOCUMENTS_TOPIC: memberships.follow_membership,
    "licences.renewed": follow_renewal,
    "licences.signed": follow_signature,
    "licences.renew": renewals.renew_one,
    "licences.render": lambda payload: rendering.render(payload["licence_id"]),
    "licences.render_annex": lambda payload: rendering.render_annex(payload["annex_id"]),
    "notices.confirm_copy": notice_mails.send_invitation,
    "notices.copy": notice_mails.send_copy,
    "notices.digest": notice_mails.send_digest,
    "orbitrage.contact": send_contact_message,
    "quotas.mail": lambda payload: deliver(quota_mails.letter_of(payload)),
    "quotas.threshold": quota_mails.tell_of_threshold,
    "quotas.render_quotation": lambda payload: quotas.render_quotation(**payload),
    "requests.mail": lambda payload: deliver_where_right(request_mails.letter_of(payload)),
    "requests.message": lambda payload: message_notices.tell_readers(payload["message_id"]),
    "requests.message_mail": lambda payload: deliver_where_right(
        message_notices.letter_of(payload)
    ),
    "requests.notice": lambda payload: tell_of_record(payload["record_id"]),
    "requests.place_order": lambda payload: manual.place_order(payload["acquisition_id"]),
}


@shared_task(name=outbox.LOOK_TASK)
def look_at_outbox() -> int:
    """Bring about every effect that is due; sent after each commit, and every ten seconds."""
    return outbox.drain(HANDLERS, within_s=outbox.LOOK_S)


@shared_task(name="orbitrage.forget_idempotent_answers")
def forget_idempotent_answers() -> int:
    """Delete the answers of the API that no call can ask for again."""
    return forget_answers()
