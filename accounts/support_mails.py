"""Mails that tell of support: to the person in any case, and to those who asked, agreed or may agree."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from accounts import links, outgoing_mail
from accounts.invitations import message, one_line
from accounts.models import Role, SupportAccess, SupportConsent, SupportEnd, User
from accounts.support import whole

MOST_OWNERS = 10
EVENTS = ("request", "consent", "start", "end")


def tell(event: str, access: SupportAccess) -> None:
    """`event` is one of EVENTS. In the caller's transaction. Without a mail server the pages tell it alone."""
    if settings.MAIL_IS_SENT:
        outgoing_mail.queue("support", event=event, access=access.pk)


def support_messages(content: dict[str, Any]) -> Iterable[EmailMessage]:
    """For the job. Each gets the same text, which names both people; nothing for accounts that have ended."""
    access = whole().select_related("consented_by", "ended_by").filter(pk=content["access"]).first()
    event = content["event"]
    if access is None or event not in EVENTS or not settings.LINKS_KNOWN:
        return
    context = {
        "access": access,
        "who": f"{one_line(access.by.get_full_name())} ({access.by.email})",
        "person": f"{one_line(access.person.get_full_name())} ({access.person.email})",
        "agreed": _agreed(access),
        "link": links.absolute("/support/"),
        "was_used": access.started_at is not None,
        "reason": one_line(access.reason),
        "end": SupportEnd(access.end).label if access.end else "",
    }
    for reader in _readers(event, access):
        is_person = reader.pk == access.person_id
        yield message(f"support_{event}", reader.email, {**context, "is_person": is_person})


def _agreed(access: SupportAccess) -> str:
    if access.consented_by is None or not access.consent:
        return ""
    return f"{one_line(access.consented_by.get_full_name())} ({SupportConsent(access.consent).label})"


def _readers(event: str, access: SupportAccess) -> list[User]:
    """The person first."""
    people = [access.person]
    if event == "request":
        owners = User.objects.filter(membership__team_id=access.team_id, membership__role=Role.OWNER, is_active=True)
        people += owners.exclude(pk__in=[access.person_id, access.by_id]).order_by("pk")[:MOST_OWNERS]
    elif event in ("consent", "end"):
        people.append(access.by)
    return [person for person in people if person.is_active]
