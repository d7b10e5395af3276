"""Reminders about files and folders: set, taken back, and told when they are due."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.actor import WRITE, Actor, system
from accounts.authentication import actor_from_user
from accounts.models import User
from accounts.permissions import require_scope
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from common.ids import is_id
from files.access.rights import Right
from files.errors import MountUnavailable
from files.queries.tree import LocatedNode, locate
from sharing.actions.notify import notify
from sharing.errors import InvalidRequest, NotFound, TooMany
from sharing.models import MAXIMUM_NOTE, NotificationKind, Reminder
from sharing.queries.comments import require_person
from sharing.queries.places import places_of

LONGEST = timedelta(days=5 * 366)
MAXIMUM_OF_PERSON = 500
BATCH = 25  # of one transaction
STEPS = 40  # of one run: what is left is for the next one
LATER = timedelta(minutes=10)  # where the database does not say what somebody sees


def set_reminder(actor: Actor, *, node_id: int, at: datetime, note: str = "") -> Reminder:
    """For oneself, about a node that one sees; of a mount about what it stands for. Raises NotFound, ScopeMissing,
    InvalidRequest for a time that has passed or is years away, TooMany.
    """
    note = " ".join(note.split())
    if len(note) > MAXIMUM_NOTE or not note.isprintable():
        text = _("A note is one line of at most %(limit)d characters.")
        raise InvalidRequest(text, parameter="note", limit=MAXIMUM_NOTE)
    with unit_of_work(actor, Lock(User, actor.user_id)) as actor:
        require_person(actor)
        require_scope(actor, WRITE)
        place = locate(actor, node_id).entered
        place.require(Right.VIEW)
        if not now() < at <= now() + LONGEST:
            raise InvalidRequest(_("A reminder is for a time to come, within five years."), parameter="at")
        if Reminder.objects.filter(user_id=actor.user_id or 0).count() >= MAXIMUM_OF_PERSON:
            raise TooMany(limit=MAXIMUM_OF_PERSON)
        values = {"user_id": actor.user_id, "node_id": place.node.pk, "at": at, "note": note, "created_at": now()}
        return Reminder.objects.create(**values)


def remove_reminder(actor: Actor, *, reminder_id: int) -> None:
    """One's own. Raises NotFound, ScopeMissing."""
    with unit_of_work(actor) as actor:
        require_scope(actor, WRITE)
        rows = Reminder.objects.filter(pk=reminder_id if is_id(reminder_id) else 0, user_id=actor.user_id or 0)
        if rows.delete()[0] == 0:
            raise NotFound(id=reminder_id)


def tell_due() -> int:
    """For the job: tells those whose time has come, each once, and forgets them. Returns how many there were."""
    handled = 0
    for _step in range(STEPS if Reminder.objects.filter(at__lte=now()).exists() else 0):
        with unit_of_work(system("reminders")):
            due = Reminder.objects.filter(at__lte=now()).select_related("user__membership").order_by("at", "pk")
            rows = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
            of_person: dict[int, list[Reminder]] = {}
            for row in rows:
                of_person.setdefault(row.user_id, []).append(row)
            for some in of_person.values():
                _tell(some)
        handled += len(rows)
        if len(rows) < BATCH:
            break
    return handled


def _tell(rows: Sequence[Reminder]) -> None:
    """Tell one person, by the names that they see: a mount has one of its own. Nothing is told of what they do not see
    any more (in the trash it is not seen), and nothing at all to somebody whose account is stopped.
    """
    actor, pks = actor_from_user(rows[0].user), [row.pk for row in rows]
    places: dict[int, LocatedNode] = {}
    if actor is not None:
        try:
            places = places_of(actor, {row.node_id for row in rows})
        except MountUnavailable:  # nobody knows now what they see
            Reminder.objects.filter(pk__in=pks).update(at=now() + LATER)
            return
    for row in rows:
        if row.node_id in places:
            detail: dict[str, Any] = {"note": row.note, "text": "note"} if row.note else {}
            detail["name"] = _name(places[row.node_id])
            kind, key = NotificationKind.REMINDER, f"reminder-{row.pk}"
            notify([row.user_id], kind=kind, node_id=row.node_id, key=key, **detail)
    Reminder.objects.filter(pk__in=pks).delete()


def _name(place: LocatedNode) -> str:
    return place.outer.node.name or place.space.name


def forget_nodes(node_ids: Sequence[int]) -> None:
    """In the transaction that removes the rows of nodes for good (settings.PURGED_NODES_HOOKS)."""
    Reminder.objects.filter(node_id__in=list(node_ids))._raw_delete("default")
