from requests_app.models.acquisition import (
    Acquisition,
    AcquisitionShare,
    AcquisitionState,
    Delivery,
)
from requests_app.models.area import UploadedArea
from requests_app.models.form import UnfinishedForm
from requests_app.models.offer import Offer, OfferState
from requests_app.models.preset import CloudAdvice, OrderPreset
from requests_app.models.record import TransitionNote, TransitionRecord
from requests_app.models.request import (
    AcquisitionMode,
    ImageryRequest,
    ImageryRequestQuerySet,
    OnShortfall,
    ProcessingLevel,
    RequestKind,
    SpectralMode,
)

__all__ = [
    "Acquisition",
    "AcquisitionMode",
    "AcquisitionShare",
    "AcquisitionState",
    "CloudAdvice",
    "Delivery",
    "ImageryRequest",
    "ImageryRequestQuerySet",
    "Offer",
    "OfferState",
    "OnShortfall",
    "OrderPreset",
    "ProcessingLevel",
    "RequestKind",
    "SpectralMode",
    "TransitionNote",
    "TransitionRecord",
    "UnfinishedForm",
    "UploadedArea",
]
