"""What somebody is told, and how they want to be told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.actor import READ, Actor
from accounts.models import User
from accounts.permissions import require_scope
from sharing.models import MailChoice, Notification, NotificationKind, NotificationPreference
from sharing.models.notification import DEFAULTS

COUNTED = 100  # unread ones at most: beyond that it is "99+"


@dataclass(frozen=True, slots=True)
class Unread:
    """`count` is COUNTED where there are as many or more."""

    count: int

    @property
    def shown(self) -> str:
        """The number on the bell."""
        return f"{COUNTED - 1}+" if self.count >= COUNTED else str(self.count)


def list_notifications(actor: Actor, *, only_unread: bool = False) -> "QuerySet[Notification]":
    """The actor's own, the latest first. Raises ScopeMissing."""
    require_scope(actor, READ)
    rows = Notification.objects.filter(user_id=actor.user_id or 0).select_related("by")
    return (rows.filter(read_at=None) if only_unread else rows).order_by("-pk")


def unread(actor: Actor) -> Unread:
    """For the bell: one query, which reads no more than it counts. Raises ScopeMissing."""
    require_scope(actor, READ)
    rows = Notification.objects.filter(user_id=actor.user_id or 0, read_at=None)
    return Unread(len(rows.values_list("pk", flat=True)[:COUNTED]))


def preferences_of(actor: Actor) -> dict[NotificationKind, MailChoice]:
    """Of every kind when it is mailed. Raises ScopeMissing."""
    require_scope(actor, READ)
    people = User.objects.filter(pk=actor.user_id or 0, is_active=True).values_list("pk", flat=True)
    return choices_of(people).get(actor.user_id or 0, {})


def choices_of(user_ids: Iterable[int]) -> Mapping[int, dict[NotificationKind, MailChoice]]:
    """The same for several people, by their ids: one query."""
    found = {pk: {NotificationKind(kind): choice for kind, choice in DEFAULTS.items()} for pk in user_ids}
    rows = NotificationPreference.objects.filter(user_id__in=found, kind__in=NotificationKind.values)
    for user_id, kind, mail in rows.values_list("user_id", "kind", "mail"):
        found[user_id][NotificationKind(kind)] = MailChoice(mail)
    return found
