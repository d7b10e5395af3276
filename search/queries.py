"""Finding files by name and by what is written in them."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy
from haystack.query import SearchQuerySet

from accounts.actor import READ, Actor
from accounts.at_once import searches
from accounts.permissions import require_scope
from common import signing
from common.ids import is_id
from files import errors
from files.access.compute import SpaceAccess, facts_of
from files.access.rights import Right
from files.access.spaces import visible_spaces
from files.models import Mount, Node, NodeKind, Restriction, Space
from files.queries.mounts import Mounts, mounts_in, owns
from files.queries.tree import LocatedNode, PathStep, ancestors_of, locate, nodes
from files.queries.veil import cover
from search.extraction import texts_of
from search.indexing.writing import backend
from search.inputs import Sight, TypedInput
from search.sight import in_sight, with_sizes
from search.snippets import Segment, snippet, stands_in
from search.syntax import Typed, clean, extension, parse

logger = logging.getLogger(__name__)

MAXIMUM_LIMIT = 100
DEEPEST = 2_000  # hits that can be paged through
COMPARED = 10  # files in which what was typed is looked for character by character
ROUNDS = 4  # of asking again when hits turn out to have gone
ORDERS = {
    "relevance": (),
    "name": ("name_key",),
    "-name": ("-name_key",),
    "modified": ("modified_at",),
    "-modified": ("-modified_at",),
    "size": ("size",),
    "-size": ("-size",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What narrows a search, besides the text. `under`: the id of a folder, with what is mounted below it. `kind`: see
    NodeKind. Sizes in bytes, bounds included. `media_types`: whole (`application/pdf`) or main ones (`image`).
    `extensions`: without dots.
    """

    space_id: int | None = None
    under: int | None = None
    kind: int | None = None
    media_types: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    modified_after: datetime | None = None
    modified_before: datetime | None = None
    minimum_size: int | None = None
    maximum_size: int | None = None


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Hit:
    """`snippet` is plain text in segments (text, is_match); empty when only the name matched."""

    place: LocatedNode
    score: float
    snippet: list[Segment] = field(default_factory=list)

    @property
    def node(self) -> Node:
        return self.place.node

    @property
    def path(self) -> str:
        return self.place.path


@dataclass(frozen=True, slots=True)
class Page:
    """`total` is how many there are in all. `next_cursor` asks for the next page; None at the end."""

    hits: list[Hit]
    total: int
    next_cursor: str | None


def search(
    actor: Actor,
    text: str,
    *,
    wanted: Wanted = EVERYTHING,
    order: str = "relevance",
    cursor: str | None = None,
    limit: int = 20,
) -> Page:
    """Only what the actor may see and what is there now. Whatever the text is, it is no error (search/syntax.py).

    A constant number of queries. Raises ScopeMissing, NotFound for a space or a folder that the actor may not see,
    InvalidCursor for one that is not of this very search, InvalidRequest for an unknown order, TooManyRequests.
    """
    if order not in ORDERS:
        raise errors.InvalidRequest(gettext_lazy("Unknown order."), allowed=sorted(ORDERS))
    with searches.one(actor):
        return _search(actor, text, wanted=wanted, order=order, cursor=cursor, limit=limit)


def _search(actor: Actor, text: str, *, wanted: Wanted, order: str, cursor: str | None, limit: int) -> Page:
    scope = _scope(actor, wanted)
    typed = _understood(text, wanted, scope)
    digest = _digest(text, wanted, order)
    offset = _offset(cursor, digest) if cursor else 0
    if not scope.spaces or typed.is_empty:
        return Page([], 0, None)
    query, limit = _conditions(typed, wanted, scope, order), max(1, min(limit, MAXIMUM_LIMIT))
    found = _found(query, scope, offset, limit)
    more = found.end < min(found.total, DEEPEST)
    next_cursor = signing.seal([digest, found.end], purpose="search", hide=scope.sight is not None) if more else None
    is_counted = scope.sight is None or _knows_the_tree()  # else some of what is counted is hidden
    total = found.total if is_counted else len(found.hits)
    return Page(_with_snippets(found.hits, typed), total, next_cursor)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The spaces that are searched, by id, what the actor may do in each, and what they see of them (search/sight.py).

    `under` are the tops of what is searched in them, by the id of their space; a space without one is searched whole.
    `mounts` are those of the actor, where all that they see is searched: paths lead through them. `files` are ids of
    mounted files among the tops, which are found themselves. `of_others` are rows of what other people have mounted in
    folders that they share.
    """

    spaces: dict[int, Space]
    rules: dict[int, SpaceAccess]
    sight: Sight | None
    under: dict[int, list[int]] = field(default_factory=dict)
    mounts: Mounts | None = None
    files: frozenset[int] = frozenset()
    of_others: tuple[int, ...] = ()

    def holds(self, space_id: int, chain: tuple[PathStep, ...], node_id: int) -> bool:
        tops = self.under.get(space_id)
        return tops is None or node_id in self.files or any(step.id in tops for step in chain)

    @property
    def left_out(self) -> list[int]:
        """Mounts of others, those to which the access has ended, and those of files that are found by the same name
        themselves, where their spaces are searched, too.
        """
        if self.mounts is None:
            return [*self.of_others]
        files = (one for one in self.mounts.all() if not one.node.is_folder and one.node.name == one.shown.name)
        twice = [one.node.pk for one in files if one.entered.space.pk in self.spaces]
        return [*self.of_others, *self.mounts.all_closed(), *twice]

    def place(self, found: LocatedNode) -> LocatedNode | None:
        """As the actor sees it; None for a mount that leads nowhere now."""
        if self.mounts is None:
            return None if found.node.is_mount else found
        if found.node.is_mount:
            return self.mounts.get(found.node.pk)
        if found.space.pk == self.mounts.home.pk:
            return replace(found, mounts=self.mounts)
        return self.mounts.seen(found)


def _understood(text: str, wanted: Wanted, scope: _Scope) -> Typed:
    """`tar -xzf archive` is what a file says, `report -draft` is an exclusion: the texts themselves tell. So they do of
    `<Key name:D>`, but only when nothing has such a name.
    """
    typed = parse(text)
    if not scope.spaces or not (typed.unwanted or typed.has_fields):
        return typed
    by_relevance = _conditions(typed, wanted, scope, "relevance")
    if not typed.unwanted and _found(by_relevance, scope, 0, 1).total:
        return typed
    copied = parse(text, is_copied=True)
    found = _found(_conditions(copied, wanted, scope, "relevance"), scope, 0, COMPARED)
    contents = {hit.node.version.content_id for hit in found.hits if hit.node.version is not None}
    texts = texts_of(sorted(contents)) if contents else {}
    return copied if any(stands_in(text, one) for one in texts.values()) else typed


def _scope(actor: Actor, wanted: Wanted) -> _Scope:
    """All spaces that the actor may see, and those of which they have something mounted; or the one asked for; below a
    folder, the spaces of it and of what is mounted there. One query more where some of a space is mounted of which they
    do not see the top.
    """
    require_scope(actor, READ)
    wanted_id = wanted.space_id
    mine = visible_spaces(actor)
    spaces = _spaces(mine if wanted_id is None else mine & Q(pk=wanted_id if is_id(wanted_id) else 0))
    if wanted_id is not None and not spaces:
        raise errors.NotFound(gettext_lazy("There is no such space."))
    mounts = next((found for space in spaces.values() if (found := mounts_in(actor, space))), None)
    if wanted.under is None:
        if wanted_id is None and mounts is not None:
            spaces = _with_spaces(spaces, {mount.entered.space.pk for mount in mounts.all()})
        return _in_scope(actor, spaces, {}, mounts)
    place = locate(actor, wanted.under).entered
    if not place.node.is_folder:
        raise errors.NotAFolder(id=wanted.under)
    below = [] if place.mounts is None else place.mounts.below(place.node.pk)
    files = frozenset(mount.entered.node.pk for mount in below if not mount.node.is_folder)
    under: dict[int, list[int]] = {}
    for top in (place, *(mount.entered for mount in below)):
        under.setdefault(top.space.pk, []).append(top.node.pk)
    spaces = spaces if wanted_id is not None else _with_spaces(spaces, set(under))
    scope = _in_scope(actor, {pk: space for pk, space in spaces.items() if pk in under}, under, mounts)
    return replace(scope, files=files)


def _spaces(condition: Q) -> dict[int, Space]:
    rows = Space.objects.filter(condition).select_related("team", "quota")
    rows = rows.annotate(is_restricted=Exists(Restriction.objects.filter(space_id=OuterRef("pk"))))
    return {space.pk: space for space in rows}


def _with_spaces(spaces: dict[int, Space], wanted: set[int]) -> dict[int, Space]:
    """And these, of which the actor sees a folder: what of them, the rules say."""
    missing = wanted.difference(spaces)
    return spaces | _spaces(Q(pk__in=missing)) if missing else spaces


def _in_scope(actor: Actor, spaces: dict[int, Space], under: dict[int, list[int]], mounts: Mounts | None) -> _Scope:
    rules = {pk: SpaceAccess(actor, facts_of(space)) for pk, space in spaces.items()}
    sight = in_sight(spaces.values(), rules)
    return _Scope(spaces, rules, sight, under, mounts, of_others=_mounts_of_others(actor, spaces.values()))


def _mounts_of_others(actor: Actor, spaces: Iterable[Space]) -> tuple[int, ...]:
    """In what they share with the actor, which the top of a home never is: a query where they have any."""
    homes = [space for space in spaces if space.mounts and not owns(actor, space)]
    if not homes:
        return ()
    rows = Mount.objects.filter(user_id__in=[space.owner_id or 0 for space in homes], node__isnull=False)
    rows = rows.exclude(node__parent_id__in=[space.root_id or 0 for space in homes])
    return tuple(pk for pk in rows.order_by("node_id").values_list("node_id", flat=True) if pk is not None)


def _conditions(typed: Typed, wanted: Wanted, scope: _Scope, order: str) -> Any:
    """The haystack query: rights are part of it."""
    by_size = "size" in ORDERS[order] or "-size" in ORDERS[order]
    by_size = by_size or (wanted.minimum_size, wanted.maximum_size) != (None, None)
    found = SearchQuerySet().models(Node).filter(space_id__in=sorted(scope.spaces))
    query = _in_sight(found, scope, by_size=by_size)
    if typed.wanted:
        query = query.filter(content=TypedInput(typed))
    for extensions in (wanted.extensions, typed.extensions):
        if extensions:
            query = query.filter(extension__in=sorted({extension(one) for one in extensions}))
    if typed.not_extensions:
        query = query.exclude(extension__in=list(typed.not_extensions))
    if wanted.media_types:
        query = _with_media_types(query, wanted.media_types)
    for name, value in (
        ("kind", wanted.kind),
        ("modified_at__gte", wanted.modified_after),
        ("modified_at__lte", wanted.modified_before),
        ("size__gte", wanted.minimum_size),
        ("size__lte", wanted.maximum_size),
    ):
        if value is not None:
            query = query.filter(**{name: value})
    return query.order_by(*ORDERS[order]) if ORDERS[order] else query


def _in_sight(query: Any, scope: _Scope, *, by_size: bool) -> Any:
    """Only what is there for the actor, as far as the index knows that. An index that does not know the tree has the
    sizes of whole folders: `by_size` it finds files alone for somebody from whom something is hidden.
    """
    if left_out := scope.left_out:
        query = query.exclude(django_id__in=left_out)
    if scope.sight is not None and _knows_the_tree():
        query = query.filter(sight=with_sizes(scope.sight) if by_size else scope.sight)
    elif scope.sight is not None and by_size and scope.sight.closed:
        query = query.filter(kind=int(NodeKind.FILE))
    if scope.under and _knows_the_tree():
        query = query.filter(_under(scope))
    return query


def _under(scope: _Scope) -> Any:
    from haystack.query import SQ

    condition = SQ()
    for space_id, tops in scope.under.items():
        for top in tops:
            is_whole = space_id in scope.spaces and scope.spaces[space_id].root_id == top
            condition |= SQ(space_id=space_id) if is_whole else SQ(under=top)
    if scope.files:
        condition |= SQ(django_id__in=sorted(scope.files))
    return condition


def _with_media_types(query: Any, media_types: tuple[str, ...]) -> Any:
    from haystack.query import SQ

    condition = SQ()
    for media_type in map(clean, media_types):
        whole = "/" in media_type.rstrip("/")
        condition |= SQ(media_type=media_type) if whole else SQ(media_type__startswith=f"{media_type.rstrip('/')}/")
    return query.filter(condition)


@dataclass(slots=True)
class _Found:
    hits: list[Hit]
    total: int
    end: int  # how many candidates have been looked at from the start


def _found(query: Any, scope: _Scope, offset: int, limit: int) -> _Found:
    """Candidates of the index, each checked against the tree as it is now: where it is is never taken on trust."""
    found = _Found([], 0, offset)
    for _ in range(ROUNDS):
        results, found.total = _ask(query, found.end, found.end + limit - len(found.hits))
        found.hits += _live_hits(results, scope)
        found.end += len(results)
        if not results or len(found.hits) >= limit or found.end >= found.total:
            break
    return found


def _ask(query: Any, start: int, end: int) -> tuple[list[Any], int]:
    """Raises Busy when a search engine of its own does not answer."""
    if _knows_the_tree():
        return query[start:end], len(query)
    try:
        return query[start:end], len(query)
    except Exception as error:  # whatever the client of that engine calls it
        logger.exception("the search engine does not answer")
        raise errors.Busy(gettext_lazy("The search engine does not answer. Try again in a moment.")) from error


def _live_hits(results: list[Any], scope: _Scope) -> list[Hit]:
    """Two queries, however many results, one for each space of others, and two for somebody's mounts."""
    ids = [int(result.pk) for result in results]
    spaces, hits = scope.spaces, list[Hit]()
    found = nodes().filter(space_id__in=list(spaces)).in_bulk(ids)
    chains = ancestors_of(found)
    for pk, result in zip(ids, results, strict=True):
        node = found.get(pk)
        chain = chains.get(pk, ())
        if node is None or not chain or chain[0].id != spaces[node.space_id].root_id:
            continue
        if not scope.holds(node.space_id, chain, pk) or (node.is_mount and node.target_id in found):
            continue
        access = scope.rules[node.space_id].along([*(step.id for step in chain), pk])
        if access.allows(Right.VIEW):
            place = scope.place(LocatedNode(spaces[node.space_id], node, chain, access))
            if place is not None:
                hits.append(Hit(place, float(result.score or 0)))
    cover((hit.place.shown, hit.place.entered.access) for hit in hits)
    return hits


def _with_snippets(hits: list[Hit], typed: Typed) -> list[Hit]:
    contents = {hit.node.version.content_id for hit in hits if hit.node.version is not None}
    texts = texts_of(sorted(contents)) if contents else {}
    result = []
    for hit in hits:
        text = texts.get(hit.node.version.content_id, "") if hit.node.version else ""
        result.append(Hit(hit.place, hit.score, snippet(text, typed)))
    return result


def _knows_the_tree() -> bool:
    return bool(getattr(backend(), "knows_the_tree", False))


def _digest(text: str, wanted: Wanted, order: str) -> str:
    parts = [text, order, *(str(getattr(wanted, item.name)) for item in fields(wanted))]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _offset(cursor: str, digest: str) -> int:
    try:
        of, offset = signing.unseal(cursor, purpose="search")
    except (signing.InvalidCursor, TypeError, ValueError) as error:
        raise errors.InvalidCursor from error
    if of != digest:
        raise errors.InvalidCursor
    return int(offset)
