"""Links and what arrived through them, what is kept beside shares, comments, tags, reminders, what happened besides
changes, notifications, and webhooks.

The rights that links and shares give are grants, of files.models.
"""

from sharing.models.activity import AuditPosition, Happening, HappeningKind
from sharing.models.comment import MAXIMUM_COMMENT, Comment, Mention
from sharing.models.delivery import DeliveredFile, Delivery
from sharing.models.link import Audience, Link, LinkRole, LinkUse, Naming
from sharing.models.notification import (
    MailChoice,
    Notification,
    NotificationKind,
    NotificationMails,
    NotificationPreference,
)
from sharing.models.reminder import MAXIMUM_NOTE, Reminder
from sharing.models.share import MAXIMUM_MESSAGE, Share, ShareNumber, Transfer, WaitingShare
from sharing.models.tag import MAXIMUM_TAG, NodeTag
from sharing.models.webhook import (
    DeliveryKind,
    DeliveryState,
    OffReason,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
    WebhookPosition,
)

__all__ = [
    "MAXIMUM_COMMENT",
    "MAXIMUM_MESSAGE",
    "MAXIMUM_NOTE",
    "MAXIMUM_TAG",
    "Audience",
    "AuditPosition",
    "Comment",
    "DeliveredFile",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Happening",
    "HappeningKind",
    "Link",
    "LinkRole",
    "LinkUse",
    "MailChoice",
    "Mention",
    "Naming",
    "NodeTag",
    "Notification",
    "NotificationKind",
    "NotificationMails",
    "NotificationPreference",
    "OffReason",
    "Reminder",
    "Share",
    "ShareNumber",
    "Transfer",
    "WaitingShare",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookPosition",
]
