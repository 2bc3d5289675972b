"""Messages that tests write."""

from django.urls import reverse

from requests_app.messages.services import write_message
from requests_app.models import MessageKind

SHARED, INTERNAL = MessageKind.SHARED, MessageKind.INTERNAL


def write(request, user, text="Is July possible?", **more):
    return write_message(request_id=request.pk, user=user, text=text, **more)


def address(request):
    return reverse("requests:messages", args=[request.number])


def post(client, user, request, **typed):
    client.force_login(user)
    return client.post(address(request), typed, headers={"accept-language": "en"})
