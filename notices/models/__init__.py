from notices.models.copies import CopyAddress, CopyAddressQuerySet
from notices.models.delivery import Delivery, DeliveryChoice
from notices.models.notice import Notice, NoticeQuerySet

__all__ = [
    "CopyAddress",
    "CopyAddressQuerySet",
    "Delivery",
    "DeliveryChoice",
    "Notice",
    "NoticeQuerySet",
]
