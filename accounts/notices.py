"""Mails that tell somebody what somebody else has done with their files."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts import outgoing_mail
from accounts.actor import Actor
from accounts.invitations import message, one_line
from accounts.models import AuditEvent, User

DAY = timedelta(days=1)
MAILS_IN_A_DAY = 10  # to one person; what was taken back besides is in the log of the team
TAKEN_BACK = "space.take_back"  # the kind of the audit events that are counted


def taken_back(by: Actor, *, owner_id: int, name: str) -> None:
    """Tells whoever had `name` in their home that a manager of the team's space has taken it back. In the caller's
    transaction, after the audit record of it. Without a mail server nothing is sent.
    """
    if not settings.MAIL_IS_SENT or by.user_id in (None, owner_id):
        return
    since = timezone.now() - DAY
    number = AuditEvent.objects.filter(kind=TAKEN_BACK, at__gt=since, detail__from_user=owner_id).count()
    if number <= MAILS_IN_A_DAY:
        is_last = number == MAILS_IN_A_DAY
        outgoing_mail.queue("taken_back", user=owner_id, by=by.user_id, name=name, is_last=is_last)


def taken_back_messages(content: dict[str, Any]) -> Iterable[EmailMessage]:
    """For the job; nothing for somebody whose account has ended meanwhile."""
    people = User.objects.in_bulk([content["user"], content["by"]])
    owner, manager = people.get(content["user"]), people.get(content["by"])
    if owner is None or not owner.is_active:
        return
    who = "" if manager is None else f"{one_line(manager.get_full_name())} ({manager.email})"
    context = {"who": who, "name": one_line(content["name"]), "is_last": content["is_last"]}
    yield message("taken_back", owner.email, context)
