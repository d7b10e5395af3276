"""Finding nodes by path and by id, with their ancestors, in one query each."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.models import QuotaAccount, Team, User
from accounts.permissions import require_scope
from common import paths
from common.ids import is_id
from files import errors, sql_rows
from files.access.compute import Access, SpaceAccess, access_along, access_in_spaces, facts_of
from files.access.rights import Right
from files.access.spaces import visible_spaces
from files.models import Content, Node, Restriction, Space, SpaceKind, Version
from files.queries import veil
from files.queries.located import LocatedNode, PathStep, ancestors_of, steps_of
from files.queries.mounts import Mounts, enter_row, entered, mounts_in, owns
from files.queries.walking import Way, walk, way_to


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
        raise errors.NotFound(gettext_lazy("There is no such space."))
    access = access_along(actor, found[0], [found[0].root_id])
    if not access.rights:
        raise errors.NotFound(gettext_lazy("There is no such space."))
    access.require(right)
    return found[0], access


def list_spaces(actor: Actor) -> "QuerySet[Space]":
    require_scope(actor, "read")
    rows = Space.objects.filter(visible_spaces(actor))
    rows = rows.select_related("root", "owner", "quota").order_by("kind", "name")
    return rows.annotate(is_restricted=Exists(Restriction.objects.filter(space_id=OuterRef("pk"))))


def cover_roots(actor: Actor, spaces: Iterable[Space]) -> None:
    """What is told of these spaces as the actor sees it. A root has the sums that they see. Of a space in which they
    see nothing (owners and administrators of a team say who is in all of them) `is_seen` is False: its size and the
    number of its last change are not theirs. A deleted space is as if it were there.

    One query where one of them is closed or not known to be without restricted folders; two more where there are some.
    """
    asked = [space for space in spaces if space.root is not None and _is_closed_or_restricted(space)]
    rules = access_in_spaces(actor, [facts_of(space)._replace(is_deleted=False) for space in asked])
    shown = []
    for space in asked:
        access = rules[space.pk].along([space.root_id or 0])
        space.is_seen = Right.VIEW in access.rights
        if space.root is not None and space.is_seen:
            shown.append((space.root, access))
    veil.cover(shown)


def _is_closed_or_restricted(space: Space) -> bool:
    is_closed = space.kind == SpaceKind.TEAM and not space.is_open
    return is_closed or getattr(space, "is_restricted", True)  # an annotation of `list_spaces` and the like


def find(actor: Actor, space: Space, names: Sequence[str]) -> LocatedNode:
    """What is at a path of clean names from the root, as it is shown, also through a mount in the actor's home. Raises
    NotFound, or ParentNotFound when the folder is missing too; MountUnavailable.
    """
    place = place_at(actor, space, names)
    veil.cover([(place.shown, place.entered.access)])
    return place


def place_at(actor: Actor, space: Space, names: Sequence[str]) -> LocatedNode:
    """The same with the sums of its row, for who puts something there."""
    return _end_of(way_to(actor, space, names))


def _end_of(way: Way, *, top_id: int | None = None) -> LocatedNode:
    """What the whole way leads to, seen from its start (`top_id`; None: from the root of the space, or the mount)."""

    def is_seen(place: LocatedNode) -> bool:
        whole = place.way_is_seen if top_id is None else place.is_seen_from(top_id)
        return Right.VIEW in place.access.rights and whole

    names, last = way.names, way.place(-1)
    if len(way) > len(names) and is_seen(last):
        last.require(Right.VIEW)
        return last
    above = way.place(min(len(way), max(1, len(names))) - 1)  # the folder that it would be in, if it is to be seen
    is_there = len(way) >= len(names) and is_seen(above)
    raise errors.NotFound if is_there or not names else errors.ParentNotFound


def locate_many(actor: Actor, node_ids: Sequence[int]) -> list[LocatedNode]:
    """Places of live nodes in the order asked for, in two queries; up to three more where mounts are among them.
    NotFound names the first that is not there. Raises MountUnavailable.
    """
    wanted = [pk for pk in dict.fromkeys(node_ids) if is_id(pk)]
    found = {node.pk: node for node in _with_relations(wanted)}
    chains = ancestors_of(found)
    rules: dict[int, SpaceAccess] = {}
    mounts: dict[int, Mounts | None] = {}
    places = []
    for pk in dict.fromkeys(node_ids):
        node = found.get(pk)
        if node is None:
            raise errors.NotFound(id=pk)
        of_space = rules.setdefault(node.space_id, SpaceAccess(actor, facts_of(node.space)))
        access = _access_to_live(of_space, node.space, pk, chains[pk])
        if node.space_id not in mounts:
            mounts[node.space_id] = mounts_in(actor, node.space)
        places.append(LocatedNode(node.space, node, chains[pk], access, mounts=mounts[node.space_id]))
    if any(place.node.is_mount for place in places):
        places = _entered(actor, places, rules)
    veil.cover((place.shown, place.entered.access) for place in places)
    return places


def _entered(actor: Actor, places: list[LocatedNode], rules: dict[int, SpaceAccess]) -> list[LocatedNode]:
    """The mounts among them with their targets. Those of others are not there, nor is one that leads nowhere now."""
    targets = {place.node.target_id for place in places if place.node.target_id is not None}
    found = {node.pk: node for node in _with_relations(sorted(targets))}
    within = ancestors_of(pk for pk, node in found.items() if pk != node.space.root_id)
    result = []
    for place in places:
        if not place.node.is_mount:
            result.append(place)
            continue
        if not owns(actor, place.space):
            raise errors.NotFound(id=place.node.pk)
        target = found.get(place.node.target_id or 0)
        if target is None or target.space.root_id is None:
            raise errors.MountUnavailable(id=place.node.pk)
        of_space = rules.setdefault(target.space_id, SpaceAccess(actor, facts_of(target.space)))
        mounted = entered(place, target, target.space, within.get(target.pk, ()), of_space)
        if mounted is None:
            raise errors.NotFound(id=place.node.pk)
        result.append(mounted)
    return result


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
    """The place of a live folder, without what a listing shows of it. Of a mount that of its target. NotFound,
    NotAFolder, MountUnavailable.
    """
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
    is_of_other = node.is_mount and not owns(actor, space)
    if not is_live or is_of_other or not (access.rights or rules.has_any(space.root_id or 0)):
        raise errors.NotFound(id=node_id)
    if not node.is_folder:
        raise errors.NotAFolder(id=node_id) if Right.VIEW in access.rights else errors.NotFound(id=node_id)
    place = LocatedNode(space, node, chain, access, mounts=mounts_in(actor, space))
    if not node.is_mount:
        return place
    mounted = enter_row(place, actor)
    if mounted is None:
        raise errors.NotFound(id=node_id)
    return mounted.entered


def locate_path(actor: Actor, path: str, *, space_id: int | None = None) -> LocatedNode:
    """The place at a `/` separated path, relative to the root of the space (None: the actor's home)."""
    return _with_version(find(actor, get_space(actor, space_id), split_path(path)))


def locate_below(actor: Actor, path: str, *, folder_id: int) -> LocatedNode:
    """The same relative to a folder that the actor sees, whatever is above it. Raises NotAFolder too."""
    base, names = locate_folder(actor, folder_id), split_path(path)
    place = base
    if names:
        way = way_to(actor, base.space, names, start_id=base.node.pk, above=base.ancestors)
        place = _end_of(way, top_id=base.node.pk)
    veil.cover([(place.shown, place.entered.access)])
    return _with_version(place)


def _with_version(place: LocatedNode) -> LocatedNode:
    if place.node.is_folder:  # all of it is there; a file's version and content are not
        return place
    found = _with_relations([place.shown.pk])
    if not found:  # purged in between
        raise errors.NotFound
    inner = replace(place.entered, node=found[0])
    return inner if place.target is None else replace(place, target=inner)


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


__all__ = [
    "LocatedNode",
    "PathStep",
    "Way",
    "ancestors_of",
    "clean_name",
    "cover_roots",
    "find",
    "folder_at",
    "get_space",
    "list_spaces",
    "locate",
    "locate_below",
    "locate_folder",
    "locate_many",
    "locate_path",
    "nodes",
    "place_at",
    "refusal_of_new_name",
    "refuse_new_names",
    "root_of",
    "split_path",
    "steps_of",
    "walk",
    "way_to",
]
