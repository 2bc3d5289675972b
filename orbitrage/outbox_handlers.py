"""Which function brings about which effect: the one place that knows every app's."""

from celery import shared_task

from eligibility import notifications as eligibility_mails
from licences import services as licences
from orbitrage.contact import send_contact_message
from orbitrage.shared import outbox
from orbitrage.shared.outbox import Handler
from quotas import notifications as quota_mails
from quotas import services as quotas
from requests_app import message_notices
from requests_app import notifications as request_mails
from requests_app.operators import manual

HANDLERS: dict[str, Handler] = {
    "eligibility.affiliation": eligibility_mails.tell_of_affiliation,
    "eligibility.mail": eligibility_mails.send_mail,
    "eligibility.membership": eligibility_mails.tell_of_membership,
    "licences.render": lambda payload: licences.render(payload["licence_id"]),
    "orbitrage.contact": send_contact_message,
    "quotas.mail": quota_mails.send_mail,
    "quotas.threshold": quota_mails.tell_of_threshold,
    "quotas.render_quotation": lambda payload: quotas.render_quotation(**payload),
    "requests.mail": lambda payload: request_mails.send_mail(**payload),
    "requests.message": lambda payload: message_notices.tell_readers(payload["message_id"]),
    "requests.message_mail": lambda payload: message_notices.send_mail(**payload),
    "requests.notice": lambda payload: request_mails.tell_readers(payload["record_id"]),
    "requests.place_order": lambda payload: manual.place_order(payload["acquisition_id"]),
}


@shared_task(name=outbox.LOOK_TASK)
def look_at_outbox() -> int:
    """Bring about every effect that is due; sent after each commit, and every ten seconds."""
    return outbox.drain(HANDLERS)
