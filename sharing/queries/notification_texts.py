"""Notifications in words. What a text needs was kept when it happened: names, never paths."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.names import NOBODYS
from sharing.models import Notification, NotificationKind

# Translators: who is a person, name that of a file, folder, space or team.
_TEXTS: dict[str, Any] = {
    NotificationKind.SHARE: gettext_lazy("%(who)s shared “%(name)s” with you"),
    NotificationKind.UNSHARE: gettext_lazy("%(who)s no longer shares “%(name)s” with you"),
    NotificationKind.INVITATION: gettext_lazy("%(who)s invites you to the team “%(name)s”: the link is in your mail"),
    NotificationKind.COMMENT: gettext_lazy("%(who)s commented on “%(name)s”"),
    NotificationKind.MENTION: gettext_lazy("%(who)s mentioned you at “%(name)s”"),
    NotificationKind.REMINDER: gettext_lazy("Reminder: “%(name)s”"),
    NotificationKind.QUOTA: gettext_lazy("Your storage is %(percent)s full"),
    NotificationKind.BRAKE: gettext_lazy("Many changes at once in “%(name)s” were held: look whether they are right"),
    NotificationKind.WEBHOOK: gettext_lazy("The webhook “%(name)s” was switched off, because its receiver failed"),
    NotificationKind.SUPPORT: gettext_lazy("%(who)s asks to act as you"),
    NotificationKind.TRANSFER: gettext_lazy("%(who)s wants to give you “%(name)s”"),
}
_OTHERS: dict[str, Any] = {
    "note": gettext_lazy("Reminder: “%(name)s”: %(note)s"),
    "role": gettext_lazy("%(who)s changed what you may do with “%(name)s”"),
    "accepted": gettext_lazy("%(who)s accepted your invitation to the team “%(name)s”"),
    "link_revoked": gettext_lazy("%(who)s revoked your link to “%(name)s”"),
    "support_consent": gettext_lazy("Somebody who may do so has agreed that %(who)s acts as you"),
    "support_start": gettext_lazy("%(who)s acts as you now"),
    "support_end": gettext_lazy("%(who)s does not act as you any more"),
    "support_over": gettext_lazy("%(who)s does not ask any more to act as you"),
    "transfer_accepted": gettext_lazy("%(who)s accepted “%(name)s”, which is theirs now"),
    "transfer_declined": gettext_lazy("%(who)s declined “%(name)s”, which stays yours"),
    "team_quota": gettext_lazy("The storage of your team is %(percent)s full"),
}


def text_of(notification: Notification) -> str:
    """One sentence, plain text. `detail["text"]` names another one of the same kind."""
    detail = notification.detail
    values = {"who": who(notification), "name": detail.get("name", ""), "percent": f"{detail.get('percent', 0)} %"}
    values["note"] = detail.get("note", "")
    return str(_OTHERS.get(detail.get("text", "")) or _TEXTS[notification.kind]) % values


def who(notification: Notification) -> str:
    """Who did what it tells of."""
    by = notification.by
    if by is not None and not by.email.endswith(NOBODYS):
        return by.get_full_name()
    return notification.detail.get("who") or _("Somebody")


def link_of(notification: Notification) -> str:
    """The page that it is about, as a path; empty where there is none."""
    if notification.kind == NotificationKind.WEBHOOK:
        return reverse("sharing:webhook", args=[notification.detail.get("webhook", 0)])
    if notification.kind == NotificationKind.SUPPORT:
        return reverse("accounts:support")
    if notification.kind == NotificationKind.TRANSFER and not notification.detail.get("text"):
        return reverse("shares:with_me")
    if notification.kind == NotificationKind.UNSHARE or notification.node_id is None:
        return ""
    return reverse("files:browse", args=[notification.node_id])
