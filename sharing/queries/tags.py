"""Tags: those on a node, those that somebody sees anywhere, and what has one of them.

Which tags there are, and what has them, is told from the nodes that the reader sees. Spaces in which they see nothing
are not read at all. Of the others rows are read a window at a time, so that a page may be empty and go on.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.actor import READ, Actor
from accounts.permissions import require_scope
from common.ids import MAXIMUM
from files.access.rights import Right
from files.access.spaces import grants_of, visible_spaces
from files.models import Space
from files.queries.tree import LocatedNode, locate
from http_kit import cursors
from sharing.models import NodeTag
from sharing.queries.comments import require_person
from sharing.queries.places import places_of

PAGE = 200  # rows that one window reads
ROUNDS = 5  # windows that one page of names reads
ENOUGH = 100  # names, with which a page ends though there are windows left


@dataclass(frozen=True, slots=True)
class TagPage:
    """Names in their order, each on one page alone. A page may have few of them, or none: `next_cursor` says whether
    there are more.
    """

    names: Sequence[str]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TaggedPage:
    """Places with one tag, what got it last first. A page may be empty though there are more."""

    places: Sequence[LocatedNode]
    next_cursor: str | None


def clean(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


def folded(name: str) -> str:
    return unicodedata.normalize("NFC", clean(name).casefold())


def tags_of(actor: Actor, *, node_id: int) -> list[str]:
    """Of a node that the actor sees, of a mount those of what it stands for. Raises NotFound, ScopeMissing."""
    require_person(actor)
    place = locate(actor, node_id).entered
    place.require(Right.VIEW)
    return tags_on([place.node.pk])[place.node.pk]


def tags_on(node_ids: Iterable[int]) -> dict[int, list[str]]:
    """In the order of their names: one query."""
    found: dict[int, list[str]] = {node_id: [] for node_id in node_ids}
    rows = NodeTag.objects.filter(node_id__in=found).order_by("folded")
    for node_id, name in rows.values_list("node_id", "name"):
        found[node_id].append(name)
    return found


def all_tags(actor: Actor, *, cursor: str | None = None) -> TagPage:
    """Of all live nodes that the actor sees. At most nine queries for each of ROUNDS windows, whatever there is. Raises
    ScopeMissing, InvalidCursor, MountUnavailable.
    """
    purpose = f"tags:{actor.user_id}"
    position = cursors.unseal(cursor, purpose=purpose, length=2)
    rows, names = _of_actor(actor), dict[str, str]()
    for _round in range(ROUNDS):
        found = list(_after(rows, position).order_by("folded", "pk")[: PAGE + 1])
        shown = found[:PAGE]
        places = places_of(actor, {row.node_id for row in shown}) if shown else {}
        for row in shown:
            if row.node_id in places:
                names.setdefault(row.folded, row.name)
        position = _next(found, names)
        if position is None or len(names) >= ENOUGH:
            break
    return TagPage(list(names.values()), cursors.seal(position, purpose=purpose, hide=True))


def _after(rows: "QuerySet[NodeTag]", position: Sequence[int | str] | None) -> "QuerySet[NodeTag]":
    if position is None:
        return rows
    name, pk = position
    return rows.filter(Q(folded__gt=name) | Q(pk__gt=pk), folded__gte=name)


def _next(found: Sequence[NodeTag], names: dict[str, str]) -> list[int | str] | None:
    """What else has a name that is told already is not read."""
    if len(found) <= PAGE:
        return None
    last = found[PAGE - 1]
    return [last.folded, MAXIMUM if last.folded in names else last.pk]


def tagged(actor: Actor, *, name: str, cursor: str | None = None, limit: int = PAGE) -> TaggedPage:
    """What has this tag, of all that the actor sees. At most ten queries. Raises ScopeMissing, InvalidCursor,
    MountUnavailable.
    """
    limit, key = max(1, min(limit, PAGE)), folded(name)
    purpose = f"tagged:{actor.user_id}:{key}"
    position = cursors.unseal(cursor, purpose=purpose, length=1)
    rows = _of_actor(actor)
    if not key.isprintable():  # no tag has such a name, nor could every database look for it
        return TaggedPage((), None)
    rows = rows.filter(folded=key)
    if position is not None:
        rows = rows.filter(pk__lt=position[0])
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    places = places_of(actor, {row.node_id for row in shown}) if shown else {}
    end = [shown[-1].pk] if len(found) > limit else None
    seen = [places[row.node_id] for row in shown if row.node_id in places]
    return TaggedPage(seen, cursors.seal(end, purpose=purpose, hide=True))


def _of_actor(actor: Actor) -> "QuerySet[NodeTag]":
    """In the spaces of the actor's team in which they see anything."""
    require_scope(actor, READ)
    require_person(actor)
    parts = Q(pk__in=grants_of(actor).values("space_id"), deleted_at=None)
    spaces = Space.objects.filter(visible_spaces(actor) | parts)
    return NodeTag.objects.filter(team_id=actor.team_id or 0, node__space_id__in=spaces.values("pk"))
