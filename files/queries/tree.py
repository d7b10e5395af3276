"""Finding nodes by path and by id, with their ancestors, in one query each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from accounts.actor import Actor
from accounts.models import QuotaAccount, Team, User
from accounts.permissions import require_scope
from common import paths
from common.ids import is_id
from files import errors, sql_rows
from files.access.compute import Access, SpaceAccess, access_along, facts_of
from files.access.rights import Right
from files.access.spaces import visible_spaces
from files.models import Content, Node, Restriction, Space, SpaceKind, Version
from files.queries import veil


@dataclass(frozen=True, slots=True)
class PathStep:
    """One node on the way from the root."""

    id: int
    name: str
    kind: int


@dataclass(frozen=True, slots=True)
class LocatedNode:
    """A node, how one gets there, and what the actor may do with it.

    `ancestors` lead from the root of the space to its parent, and are empty for the root itself.
    """

    space: Space
    node: Node
    ancestors: tuple[PathStep, ...]
    access: Access

    @property
    def is_root(self) -> bool:
        return not self.ancestors

    def require(self, right: Right, actor: Actor | None = None) -> None:
        """Raises NotFound, Forbidden, ScopeMissing. `actor`: who acts, where that could be somebody else than who has
        located the node.
        """
        access = self.access
        if actor is not None:
            if actor.principal != access.holder:
                raise errors.NotFound(id=self.node.pk)
            access = replace(access, scopes=access.scopes & actor.scopes)
        access.require(right)

    @property
    def path(self) -> str:
        """As the actor sees it: it never reaches above the root of their access."""
        top = self.access.root_id
        if self.is_root or top == self.ancestors[0].id:
            return self.path_in_space
        if top is None or top == self.node.pk:
            return "/" if self.node.is_folder else paths.join_path([self.node.name])
        start = self.ancestor_ids.index(top) + 1
        return paths.join_path([*(s.name for s in self.ancestors[start:]), self.node.name])

    @property
    def path_in_space(self) -> str:
        """From the root of the space, for its journal: nothing that everybody may see."""
        return "/" if self.is_root else paths.join_path([*(s.name for s in self.ancestors[1:]), self.node.name])

    def path_of_ancestor(self, node_id: int) -> str | None:
        """Of the node itself or one above it; None where the actor does not see so far up."""
        if node_id == self.node.pk:
            return self.path
        above = self.ancestor_ids
        top = self.access.root_id
        start = above.index(top) if top in above else None
        if node_id not in above or start is None or above.index(node_id) < start:
            return None
        names = [step.name for step in self.ancestors[start + 1 : above.index(node_id) + 1]]
        return paths.join_path(names) if names else "/"

    @property
    def chain_ids(self) -> list[int]:
        """Of the node and of all above it, the root first."""
        return [*self.ancestor_ids, self.node.pk]

    @property
    def ancestor_ids(self) -> list[int]:
        return [step.id for step in self.ancestors]

    @property
    def chain(self) -> tuple[PathStep, ...]:
        """The ancestors and the node itself: what the ancestors of its children are."""
        return (*self.ancestors, PathStep(self.node.pk, self.node.name, self.node.kind))


def nodes() -> "QuerySet[Node]":
    """Nodes with all that a listing shows, in one query."""
    return Node.objects.select_related("version__content", "version__author")


def get_space(actor: Actor, space_id: int | None) -> Space:
    """The space, or the actor's home for None. NotFound for what the actor may not see from its root on."""
    return root_of(actor, space_id)[0]


def root_of(actor: Actor, space_id: int | None, right: Right = Right.VIEW) -> tuple[Space, Access]:
    """The space and what the actor may do at its root, which must have the right."""
    select = f"SELECT {sql_rows.columns(Space, 's')} FROM files_space s WHERE "
    if space_id is None:
        found = sql_rows.select(Space, select + "s.owner_id = %s AND s.kind = %s", [actor.user_id, SpaceKind.HOME])
    else:
        found = sql_rows.select(Space, select + "s.id = %s", [space_id]) if is_id(space_id) else []
    if not found or found[0].root_id is None:
        raise errors.NotFound("There is no such space.")
    access = access_along(actor, found[0], [found[0].root_id])
    if not access.rights:
        raise errors.NotFound("There is no such space.")
    access.require(right)
    return found[0], access


def list_spaces(actor: Actor) -> "QuerySet[Space]":
    require_scope(actor, "read")
    rows = Space.objects.filter(visible_spaces(actor)).select_related("root", "owner").order_by("kind", "name")
    return rows.annotate(is_restricted=Exists(Restriction.objects.filter(space_id=OuterRef("pk"))))


def cover_roots(actor: Actor, spaces: Iterable[Space]) -> None:
    """The roots of these spaces of `list_spaces` as the actor sees them: a query or two for each space in which there
    is a restricted folder.
    """
    for space in spaces:
        if space.root is not None and space.is_restricted:  # type: ignore[attr-defined]
            veil.cover([(space.root, access_along(actor, space, [space.root.pk]))])


def walk(space: Space, names: Sequence[str], *, start_id: int | None = None) -> list[Node]:
    """As many nodes of the path as exist, the start (None: the root) first: len(names) + 1 of them when all do.

    The nodes come without their versions: one query, whatever the depth.
    """
    start_id = start_id or space.root_id
    assert start_id is not None
    node = sql_rows.columns(Node, "n")
    if not names:
        return sql_rows.select(Node, f"SELECT {node} FROM files_node n WHERE n.id = %s", [start_id])
    values = ", ".join(["(%s, %s)"] * len(names))
    parameters: list[Any] = []
    for depth, name in enumerate(names):
        parameters += [depth, name]
    return sql_rows.select(
        Node,
        f"WITH RECURSIVE wanted(depth, name) AS (VALUES {values}), "
        "walk(id, depth) AS ("
        " SELECT CAST(%s AS BIGINT), 0 UNION ALL"
        " SELECT n.id, walk.depth + 1 FROM walk JOIN wanted ON wanted.depth = walk.depth"
        " JOIN files_node n ON n.parent_id = walk.id AND n.name = wanted.name"
        f") SELECT {node} FROM walk JOIN files_node n ON n.id = walk.id ORDER BY walk.depth",
        [*parameters, start_id],
    )


def steps_of(way: Sequence[Node]) -> tuple[PathStep, ...]:
    return tuple(PathStep(node.pk, node.name, node.kind) for node in way)


def find(actor: Actor, space: Space, names: Sequence[str]) -> LocatedNode:
    """What is at a path of clean names from the root, as it is shown. Raises NotFound, or ParentNotFound when the
    folder is missing too.
    """
    place = place_at(actor, space, names)
    veil.cover([(place.node, place.access)])
    return place


def place_at(actor: Actor, space: Space, names: Sequence[str]) -> LocatedNode:
    """The same with the sums of its row, for who puts something there."""
    way = walk(space, names)
    ids, rules = [node.pk for node in way], SpaceAccess(actor, facts_of(space))
    access = rules.along(ids)
    if len(way) > len(names) and Right.VIEW in access.rights and access.root_id == ids[0]:
        access.require(Right.VIEW)
        return LocatedNode(space, way[-1], steps_of(way[:-1]), access)
    above = rules.along(ids[: max(1, len(names))])  # the folder that it would be in, if it is there to be seen
    is_there = len(way) >= len(names) and Right.VIEW in above.rights and above.root_id == ids[0]
    raise errors.NotFound if is_there or not names else errors.ParentNotFound


def ancestors_of(node_ids: Iterable[int]) -> dict[int, tuple[PathStep, ...]]:
    """For each id the steps from the top of its tree to its parent (the top: a root, or deleted)."""
    ids = list(node_ids)
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE up(start, id, parent_id, name, kind, height) AS ("
            f" SELECT id, id, parent_id, name, kind, 0 FROM files_node WHERE id IN ({marks})"
            " UNION ALL"
            " SELECT up.start, n.id, n.parent_id, n.name, n.kind, up.height + 1"
            " FROM up JOIN files_node n ON n.id = up.parent_id"
            ") SELECT start, id, name, kind FROM up WHERE height > 0 ORDER BY start, height DESC",
            ids,
        )
        found = cursor.fetchall()
    chains: dict[int, list[PathStep]] = {node_id: [] for node_id in ids}
    for start, node_id, name, kind in found:
        chains[start].append(PathStep(node_id, name, kind))
    return {node_id: tuple(steps) for node_id, steps in chains.items()}


def locate_many(actor: Actor, node_ids: Sequence[int]) -> list[LocatedNode]:
    """Places of live nodes in the order asked for, in two queries. NotFound names the first that is not there."""
    wanted = [pk for pk in dict.fromkeys(node_ids) if is_id(pk)]
    found = {node.pk: node for node in _with_relations(wanted)}
    chains = ancestors_of(found)
    rules: dict[int, SpaceAccess] = {}
    places = []
    for pk in dict.fromkeys(node_ids):
        node = found.get(pk)
        if node is None:
            raise errors.NotFound(id=pk)
        of_space = rules.setdefault(node.space_id, SpaceAccess(actor, facts_of(node.space)))
        access = _access_to_live(of_space, node.space, pk, chains[pk])
        places.append(LocatedNode(node.space, node, chains[pk], access))
    veil.cover((place.node, place.access) for place in places)
    return places


_TABLES = ((Node, "n"), (Space, "s"), (Team, "t"), (QuotaAccount, "q"), (Version, "v"), (Content, "c"), (User, "u"))


def _with_relations(node_ids: Sequence[int]) -> list[Node]:
    """Space, team, quota, version, content and author are there."""
    if not node_ids:
        return []
    found = sql_rows.select_joined(
        _TABLES,
        "FROM files_node n JOIN files_space s ON s.id = n.space_id JOIN accounts_team t ON t.id = s.team_id "
        "JOIN accounts_quotaaccount q ON q.id = s.quota_id LEFT JOIN files_version v ON v.id = n.version_id "
        "LEFT JOIN files_content c ON c.id = v.content_id LEFT JOIN accounts_user u ON u.id = v.author_id "
        f"WHERE n.id IN ({', '.join(['%s'] * len(node_ids))})",
        node_ids,
    )
    for node, space, team, quota, version, content, author in found:
        sql_rows.relate(node, "space", space)
        sql_rows.relate(space, "team", team)
        sql_rows.relate(space, "quota", quota)
        if version is not None:
            sql_rows.relate(node, "version", version)
            sql_rows.relate(version, "content", content)
            if author is not None:
                sql_rows.relate(version, "author", author)
    return [node for node, *_ in found]


def _access_to_live(rules: SpaceAccess, space: Space, node_id: int, ancestors: tuple[PathStep, ...]) -> Access:
    """NotFound for what the actor may not see, and for what is not below the root of the space: it is deleted."""
    chain = [*(step.id for step in ancestors), node_id]
    access = rules.along(chain)
    if Right.VIEW not in access.rights:
        raise errors.NotFound(id=node_id)
    access.require(Right.VIEW)
    if chain[0] != space.root_id:
        raise errors.NotFound(id=node_id)
    return access


def locate(actor: Actor, node_id: int) -> LocatedNode:
    return locate_many(actor, [node_id])[0]


def locate_folder(actor: Actor, node_id: int) -> LocatedNode:
    """The place of a live folder, without what a listing shows of it. NotFound, NotAFolder."""
    place = folder_at(actor, node_id)
    if Right.VIEW not in place.access.rights:
        raise errors.NotFound(id=node_id)
    place.require(Right.VIEW)
    return place


def folder_at(actor: Actor, node_id: int) -> LocatedNode:
    """The same for who puts something there: part of every upload. It says what the actor may do there and requires
    nothing but some right in the space, since who only uploads does not see the folder, and who may write one file
    does not see what it lies in. Whoever asks requires a right: there, or in what is written.
    """
    select = f"SELECT {sql_rows.columns(Node, 'n')} FROM files_node n WHERE n.id = %s"
    found = sql_rows.select(Node, select, [node_id]) if is_id(node_id) else []
    if not found:
        raise errors.NotFound(id=node_id)
    node, chain = found[0], ancestors_of([node_id])[node_id]
    select = f"SELECT {sql_rows.columns(Space, 's')} FROM files_space s WHERE s.id = %s"
    (space,) = sql_rows.select(Space, select, [node.space_id])
    rules = SpaceAccess(actor, facts_of(space))
    access = rules.along([*(step.id for step in chain), node_id])
    is_live = (chain[0].id if chain else node_id) == space.root_id
    if not is_live or not (access.rights or rules.has_any(space.root_id or 0)):
        raise errors.NotFound(id=node_id)
    if not node.is_folder:
        raise errors.NotAFolder(id=node_id) if Right.VIEW in access.rights else errors.NotFound(id=node_id)
    return LocatedNode(space, node, chain, access)


def locate_path(actor: Actor, path: str, *, space_id: int | None = None) -> LocatedNode:
    """The place at a `/` separated path, relative to the root of the space (None: the actor's home)."""
    place = find(actor, get_space(actor, space_id), split_path(path))
    if place.node.is_folder:  # all of it is there; a file's version and content are not
        return place
    found = _with_relations([place.node.pk])
    if not found:  # purged in between
        raise errors.NotFound
    return LocatedNode(place.space, found[0], place.ancestors, place.access)


def split_path(path: str) -> list[str]:
    try:
        return paths.split_path(path)
    except paths.InvalidName as error:
        raise errors.InvalidName.of(error) from error


def clean_name(name: str) -> str:
    try:
        return paths.clean_name(name)
    except paths.InvalidName as error:
        raise errors.InvalidName.of(error) from error


def refusal_of_new_name(name: str) -> errors.InvalidName | None:
    """What stands against giving this clean name to something that does not have it."""
    return errors.InvalidName("bidirectional") if paths.turns_text(name) else None


def refuse_new_names(*names: str) -> None:
    for name in names:
        refusal = refusal_of_new_name(name)
        if refusal is not None:
            raise refusal
