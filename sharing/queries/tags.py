"""Tags: those on a node, those that somebody sees anywhere, and what has one of them.

Which tags there are, and what has them, is told from the nodes that the reader sees, page by page: never from the rows
of a team as a whole.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.actor import READ, Actor
from accounts.permissions import require_scope
from files.access.rights import Right
from files.queries.tree import LocatedNode, locate
from http_kit import cursors
from sharing.models import NodeTag
from sharing.queries.comments import require_person
from sharing.queries.places import places_of

PAGE = 200  # rows that one page reads


@dataclass(frozen=True, slots=True)
class TagPage:
    """Names in their order. A page may have few of them, or none: `next_cursor` says whether there are more."""

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
    """Of all live nodes that the actor sees. At most ten queries, whatever there is. Raises ScopeMissing,
    InvalidCursor, MountUnavailable.
    """
    purpose = f"tags:{actor.user_id}"
    position = cursors.unseal(cursor, purpose=purpose, length=2)
    rows = _of_team(actor)
    if position is not None:
        after, pk = position
        rows = rows.filter(Q(folded__gt=after) | Q(folded=after, pk__gt=pk))
    found = list(rows.order_by("folded", "pk")[: PAGE + 1])
    shown = found[:PAGE]
    places = places_of(actor, {row.node_id for row in shown}) if shown else {}
    names: dict[str, str] = {}
    for row in shown:
        if row.node_id in places:
            names.setdefault(row.folded, row.name)
    end = [shown[-1].folded, shown[-1].pk] if len(found) > PAGE else None
    return TagPage(list(names.values()), cursors.seal(end, purpose=purpose, hide=True))


def tagged(actor: Actor, *, name: str, cursor: str | None = None, limit: int = PAGE) -> TaggedPage:
    """What has this tag, of all that the actor sees. At most ten queries. Raises ScopeMissing, InvalidCursor,
    MountUnavailable.
    """
    limit, key = min(limit, PAGE), folded(name)
    purpose = f"tagged:{actor.user_id}:{key}"
    position = cursors.unseal(cursor, purpose=purpose, length=1)
    rows = _of_team(actor).filter(folded=key)
    if position is not None:
        rows = rows.filter(pk__lt=position[0])
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    places = places_of(actor, {row.node_id for row in shown}) if shown else {}
    end = [shown[-1].pk] if len(found) > limit else None
    seen = [places[row.node_id] for row in shown if row.node_id in places]
    return TaggedPage(seen, cursors.seal(end, purpose=purpose, hide=True))


def _of_team(actor: Actor) -> "QuerySet[NodeTag]":
    require_scope(actor, READ)
    require_person(actor)
    return NodeTag.objects.filter(node__space__team_id=actor.team_id or 0)
