"""Addresses that are asked for copies, and what they got."""

from notices.services import copy_entity_to, copy_request_to

ADDRESS = "files@example.org"


def ask(programme, request, address=ADDRESS, user=None):
    return copy_request_to(
        request_id=request.pk, user=user or programme.requester, address=address, language="en"
    )


def ask_for_entity(programme, address=ADDRESS, user=None):
    return copy_entity_to(
        entity_id=programme.entity.pk,
        user=user or programme.entity_contact,
        address=address,
        language="en",
    )


def to(address, mails):
    return [message for message in mails if message.to == [address]]
