"""What somebody is going to be reminded of."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.actor import READ, Actor
from accounts.permissions import require_scope
from common.ids import is_id
from files.queries.tree import LocatedNode
from http_kit.cursors import page_of
from sharing.errors import NotFound
from sharing.models import Reminder
from sharing.queries.places import places_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Planned:
    """`place` is where they find it; None while they do not see it, or it is in the trash."""

    reminder: Reminder
    place: LocatedNode | None


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """`next_cursor` None is the end."""

    items: Sequence[Planned]
    next_cursor: str | None


def reminders_of(actor: Actor, *, cursor: str | None = None, limit: int = PAGE) -> PlannedPage:
    """The actor's own, the latest made first. Raises ScopeMissing, InvalidCursor, MountUnavailable."""
    found = page_of(_own(actor), cursor=cursor, limit=limit, purpose=f"reminders:{actor.user_id}")
    return PlannedPage(_placed(actor, found.items), found.next_cursor)


def reminders_on(actor: Actor, *, node_id: int) -> list[Reminder]:
    """The actor's own about one node, the next first, PAGE of them at most: one query. Raises ScopeMissing."""
    return list(_own(actor).filter(node_id=node_id).order_by("at", "pk")[:PAGE])


def reminder_of(actor: Actor, *, reminder_id: int) -> Planned:
    """One of the actor's own. Raises NotFound, ScopeMissing."""
    found = _placed(actor, list(_own(actor).filter(pk=reminder_id if is_id(reminder_id) else 0)))
    if not found:
        raise NotFound(id=reminder_id)
    return found[0]


def _own(actor: Actor) -> "QuerySet[Reminder]":
    require_scope(actor, READ)
    return Reminder.objects.filter(user_id=actor.user_id or 0)


def _placed(actor: Actor, rows: Sequence[Reminder]) -> list[Planned]:
    places = places_of(actor, {row.node_id for row in rows}) if rows else {}
    return [Planned(row, places.get(row.node_id)) for row in rows]
