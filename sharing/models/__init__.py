"""Links and what arrived through them, what is kept beside shares, what happened besides changes, and notifications.

The rights that links and shares give are grants, of files.models.
"""

from sharing.models.activity import AuditPosition, Happening, HappeningKind
from sharing.models.delivery import DeliveredFile, Delivery
from sharing.models.link import Audience, Link, LinkRole, LinkUse, Naming
from sharing.models.notification import (
    MailChoice,
    Notification,
    NotificationKind,
    NotificationMails,
    NotificationPreference,
)
from sharing.models.share import MAXIMUM_MESSAGE, Share, ShareNumber, Transfer, WaitingShare

__all__ = [
    "MAXIMUM_MESSAGE",
    "Audience",
    "AuditPosition",
    "DeliveredFile",
    "Delivery",
    "Happening",
    "HappeningKind",
    "Link",
    "LinkRole",
    "LinkUse",
    "MailChoice",
    "Naming",
    "Notification",
    "NotificationKind",
    "NotificationMails",
    "NotificationPreference",
    "Share",
    "ShareNumber",
    "Transfer",
    "WaitingShare",
]
