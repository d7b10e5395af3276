"""Mails of notifications: plain text and HTML, with a link that ends them without a sign-in (RFC 2369, RFC 8058)."""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import links
from accounts.invitations import one_line
from accounts.models import User
from sharing.actions.notifications import EVERY_DIGEST, unsubscribe_token
from sharing.models import Notification, NotificationKind
from sharing.queries.notification_texts import link_of, text_of

LISTED = 50  # in one mail; the rest is on the page


def mail_of(user: User, notifications: Sequence[Notification], *, what: str) -> EmailMultiAlternatives:
    """`what` is the kind of all of them, or EVERY_DIGEST: that is what the link ends. Raises LinksUnknown."""
    address = links.absolute(reverse("sharing:unsubscribe", args=[unsubscribe_token(user.pk, what)]))
    texts = [one_line(text_of(notification)) for notification in notifications[:LISTED]]
    context: dict[str, Any] = {
        "person": one_line(user.get_full_name()),
        "entries": [
            {"text": text, "link": _absolute(link_of(one)), "at": one.created_at}
            for text, one in zip(texts, notifications, strict=False)
        ],
        "more": max(0, len(notifications) - LISTED),
        "site": links.site().name,
        "all": links.absolute(reverse("sharing:notifications")),
        "preferences": links.absolute(reverse("sharing:notification_preferences")),
        "unsubscribe": address,
        "reason": _("the daily summary") if what == EVERY_DIGEST else NotificationKind(what).label,
    }
    message = EmailMultiAlternatives(
        _subject(texts, len(notifications), what),
        render_to_string("sharing/mail/notifications.txt", context),
        to=[user.email],
        headers={"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    message.attach_alternative(render_to_string("sharing/mail/notifications.html", context), "text/html")
    return message


def _absolute(path: str) -> str:
    return links.absolute(path) if path else ""


def _subject(texts: Sequence[str], count: int, what: str) -> str:
    if what == EVERY_DIGEST:
        return ngettext("%(count)d notification of the last day", "%(count)d notifications of the last day", count) % {
            "count": count
        }
    if count == 1:
        return texts[0]
    return ngettext("%(count)d notification", "%(count)d notifications", count) % {"count": count}
