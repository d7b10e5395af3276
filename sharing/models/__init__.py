"""Links (their rights are grants, of files.models), what happened to nodes beside changes, and notifications."""

from sharing.models.activity import AuditPosition, Happening, HappeningKind
from sharing.models.link import Audience, Link, LinkRole, LinkUse, Naming
from sharing.models.notification import (
    MailChoice,
    Notification,
    NotificationKind,
    NotificationMails,
    NotificationPreference,
)

__all__ = [
    "Audience",
    "AuditPosition",
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
]
