"""Which function brings about which effect: the one place that knows every app's."""

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage

from licences import services as licences
from orbitrage.shared import outbox
from orbitrage.shared.outbox import Handler, Payload
from requests_app import notifications
from requests_app.operators import manual


def send_contact_message(payload: Payload) -> None:
    EmailMessage(
        subject=f"[{payload['request_number'] or 'contact'}] {payload['subject']}",
        body=f"{payload['name']} <{payload['email']}>\n\n{payload['message']}\n",
        to=[settings.ORBITRAGE_CONTACT_EMAIL],
        reply_to=[payload["email"]],
    ).send()


HANDLERS: dict[str, Handler] = {
    "licences.render": lambda payload: licences.render(payload["licence_id"]),
    "orbitrage.contact": send_contact_message,
    "requests.notice": lambda payload: notifications.send_notice(payload["record_id"]),
    "requests.place_order": lambda payload: manual.place_order(payload["acquisition_id"]),
}


@shared_task(name=outbox.LOOK_TASK)
def look_at_outbox() -> int:
    """Bring about every effect that is due; sent after each commit, and every ten seconds."""
    return outbox.drain(HANDLERS)
