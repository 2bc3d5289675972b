from requests_app.models.acquisition import (
    Acquisition,
    AcquisitionShare,
    AcquisitionState,
    Delivery,
)
from requests_app.models.answers import DRAFT_FIELDS, default_of, label_of
from requests_app.models.area import UploadedArea
from requests_app.models.choices import (
    AcquisitionMode,
    BitDepth,
    FileFormat,
    OnShortfall,
    ProcessingLevel,
    Radiometry,
    RequestKind,
    SpectralMode,
)
from requests_app.models.form import UnfinishedForm
from requests_app.models.message import (
    Attachment,
    AttachmentName,
    Message,
    MessageKind,
    MessageText,
)
from requests_app.models.offer import Offer, OfferState
from requests_app.models.preset import CloudAdvice, OrderPreset
from requests_app.models.record import TransitionNote, TransitionRecord
from requests_app.models.request import ImageryRequest
from requests_app.models.request_queries import ImageryRequestQuerySet
from requests_app.models.revision import AnswersHandedIn, RequestRevision, RevisionContent
from requests_app.models.sent_form import SentForm

__all__ = [
    "DRAFT_FIELDS",
    "Acquisition",
    "AcquisitionMode",
    "AcquisitionShare",
    "AcquisitionState",
    "AnswersHandedIn",
    "Attachment",
    "AttachmentName",
    "BitDepth",
    "CloudAdvice",
    "Delivery",
    "FileFormat",
    "ImageryRequest",
    "ImageryRequestQuerySet",
    "Message",
    "MessageKind",
    "MessageText",
    "Offer",
    "OfferState",
    "OnShortfall",
    "OrderPreset",
    "ProcessingLevel",
    "Radiometry",
    "RequestKind",
    "RequestRevision",
    "RevisionContent",
    "SentForm",
    "SpectralMode",
    "TransitionNote",
    "TransitionRecord",
    "UnfinishedForm",
    "UploadedArea",
    "default_of",
    "label_of",
]
