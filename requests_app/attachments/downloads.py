"""A file that came with a message, to be kept: never shown."""

import logging
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from eligibility.models import User
from orbitrage.shared.documents.downloads import as_attachment
from orbitrage.shared.documents.files import FileAltered
from requests_app.attachments.kinds import KIND_BY_CODE
from requests_app.attachments.storing import read
from requests_app.models import Attachment

logger = logging.getLogger(__name__)


def attachment_open_to(user: User, *, number: str, key: UUID) -> Attachment:
    """Raises Http404."""
    visible = Attachment.objects.visible_to(user).kept().select_related("name")
    return get_object_or_404(visible, key=key, message__request__number=number)


def download(attachment: Attachment) -> HttpResponse:
    """Raises FileAltered, of which its operators are told: it is not the file that was kept."""
    try:
        data = read(attachment)
    except FileAltered:
        logger.error("The attached file %s is not the one that was kept.", attachment.key)
        raise
    return as_attachment(data, str(attachment.name), KIND_BY_CODE[attachment.kind].media_type)
