"""The mounts in somebody's own home: what they stand for, and what a folder with mounts below it shows.

They are followed in the home of their owner, by its owner, and nowhere else: whoever else sees a folder with a mount in
it sees everything but the mount. A mount never leads to another one. A home without mounts costs no query
(`Space.mounts`).
"""

import copy
import hashlib
from dataclasses import replace
from functools import cached_property

from accounts.actor import Actor
from accounts.models import User
from common.etags import folder_etag
from files import errors, sql_rows
from files.access.compute import SpaceAccess, access_in_spaces, facts_of
from files.access.rights import Right
from files.models import Content, Mount, Node, Space, SpaceKind, Version
from files.queries import veil
from files.queries.located import LocatedNode, PathStep, ancestors_of

_TABLES = ((Mount, "m"), (Node, "n"), (Node, "t"), (Space, "s"), (Version, "v"), (Content, "c"), (User, "u"))
MAXIMUM_MOUNTS = 100  # of one person; what they may see beyond that is reached as a space, or by its id


def owns(actor: Actor, space: Space) -> bool:
    """Whether it is the actor's own home."""
    return space.kind == SpaceKind.HOME and space.owner_id is not None and space.owner_id == actor.user_id


def follows(actor: Actor, space: Space) -> bool:
    """Whether the actor may meet mounts in the space. No query."""
    return bool(space.mounts) and owns(actor, space)


def mounts_in(actor: Actor, space: Space) -> "Mounts | None":
    """For what is located in the space; None where there are none for this actor. No query yet."""
    return Mounts(actor, space) if follows(actor, space) else None


class Mounts:
    """Those of one home that lead somewhere now. They are read when they are first asked for: two queries, one more
    when some of them are not at the top, or lead to what is not the top of its space, and two more when something is
    hidden below some of them.

    A mount to which the access has ended is not among them, from that moment on. MountUnavailable is raised for one
    whose target cannot be found though it should be there: whoever left it out of a listing would make sync clients
    delete what they have of it.
    """

    def __init__(self, actor: Actor, home: Space) -> None:
        self.actor, self.home = actor, home
        self._closed: list[int] = []
        self._rules: dict[int, SpaceAccess] = {}

    def all(self) -> list[LocatedNode]:
        return list(self._places.values())

    def get(self, node_id: int) -> LocatedNode | None:
        """The place of a mount by the id of its row in the home."""
        return self._places.get(node_id)

    @property
    def rules(self) -> dict[int, SpaceAccess]:
        """What the actor may do in the spaces of the targets, by their ids."""
        return self._rules if self._places is not None else {}

    @property
    def ids(self) -> list[int]:
        """Of their rows in the home."""
        return sorted(self._places)

    def all_closed(self) -> list[int]:
        """The rows of those whose access has ended, until the job takes them away."""
        return self._closed if self._places is not None else []

    def below(self, folder_id: int) -> list[LocatedNode]:
        """Those that lie in a folder of the home, or deeper in it."""
        return [place for place in self._places.values() if folder_id in place.ancestor_ids]

    def has_below(self, folder_id: int) -> bool:
        return folder_id in self._by_ancestor

    def etag_of(self, folder: Node) -> str:
        """Of a folder of the home. Changes with anything below it, mounts and their targets included."""
        return self.etag(folder.pk, folder.state)

    def etag(self, folder_id: int, seq: int | str) -> str:
        """The same for plain values; `seq`: see Node.state."""
        below = self._by_ancestor.get(folder_id)
        if not below:
            return folder_etag(folder_id, seq)
        parts = sorted((place.node.pk, place.entered.node.pk, place.shown.state) for place in below)
        digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
        return f'{folder_etag(folder_id, seq)[:-1]}-{digest}"'

    def seen(self, place: LocatedNode) -> LocatedNode:
        """What was found in another space as it is seen through a mount; unchanged where none leads there."""
        for step_id in reversed(place.chain_ids):
            through = self._by_target.get(step_id)
            if through is not None and place.is_seen_from(step_id):
                return replace(place, mount=replace(through, target=None))
        return place

    def of_target(self, node_id: int) -> LocatedNode | None:
        """The mount that stands for this node."""
        return self._by_target.get(node_id)

    @cached_property
    def _places(self) -> dict[int, LocatedNode]:
        rows = self._rows()
        spaces = {space.pk: space for _, _, space in rows}
        self._rules = access_in_spaces(self.actor, [facts_of(space) for space in spaces.values()])
        ways = self._ways(rows)
        top = (PathStep(self.home.root_id or 0, "", 0),)
        found = {}
        for node, target, space in rows:
            home_access = SpaceAccess(self.actor, facts_of(self.home)).along([self.home.root_id or 0])
            bare = LocatedNode(self.home, node, ways.get(node.pk, top), home_access, mounts=self)
            place = entered(bare, target, space, ways.get(target.pk, ()), self._rules[space.pk])
            if place is not None:
                found[node.pk] = place
            else:
                self._closed.append(node.pk)
        veil.cover((place.shown, place.entered.access) for place in found.values())
        return found

    def _rows(self) -> list[tuple[Node, Node, Space]]:
        """Of a mounted file the target comes with its version, content and author."""
        found = sql_rows.select_joined(
            _TABLES,
            "FROM files_mount m JOIN files_node n ON n.id = m.node_id LEFT JOIN files_node t ON t.id = m.target_id "
            "LEFT JOIN files_space s ON s.id = t.space_id LEFT JOIN files_version v ON v.id = t.version_id "
            "LEFT JOIN files_content c ON c.id = v.content_id LEFT JOIN accounts_user u ON u.id = v.author_id "
            "WHERE m.user_id = %s AND n.space_id = %s AND n.target_id = m.target_id AND n.parent_id IS NOT NULL "
            "ORDER BY n.id",
            [self.home.owner_id, self.home.pk],
        )
        for _, _, target, _, version, content, author in found:
            if version is not None:
                sql_rows.relate(target, "version", version)
                sql_rows.relate(version, "content", content)
                sql_rows.relate(version, "author", author)
        return [(node, *_required(node, target, space)) for _, node, target, space, *_ in found]

    def _ways(self, rows: list[tuple[Node, Node, Space]]) -> dict[int, tuple[PathStep, ...]]:
        """To the mounts that do not lie at the top of the home, and to targets that are not the top of their space."""
        deep = [node.pk for node, _, _ in rows if node.parent_id != self.home.root_id]
        return ancestors_of([*deep, *(target.pk for _, target, space in rows if target.pk != space.root_id)])

    @cached_property
    def _by_ancestor(self) -> dict[int, list[LocatedNode]]:
        found: dict[int, list[LocatedNode]] = {}
        for place in self._places.values():
            for step_id in place.ancestor_ids:
                found.setdefault(step_id, []).append(place)
        return found

    @cached_property
    def _by_target(self) -> dict[int, LocatedNode]:
        return {place.entered.node.pk: place for place in self._places.values()}


def as_shown(row: Node, target: Node) -> Node:
    """The row of a mount with what is told of it: size, times and, of a file, the version of its target. Not to be
    written.
    """
    shown = copy.copy(row)
    shown.size, shown.descendants, shown.seq = target.size, target.descendants, target.seq
    shown.modified_at, shown.seen_state = target.modified_at, target.seen_state
    shown.version_id = target.version_id
    version = target._state.fields_cache.get("version")  # where it has been read
    if version is not None:
        sql_rows.relate(shown, "version", version)
    return shown


def _required(node: Node, target: Node | None, space: Space | None) -> tuple[Node, Space]:
    """Raises MountUnavailable."""
    if target is None or space is None or space.root_id is None:
        raise errors.MountUnavailable(id=node.pk)
    return target, space


def entered(
    bare: LocatedNode, target: Node, space: Space, ancestors: tuple[PathStep, ...], rules: SpaceAccess
) -> LocatedNode | None:
    """`bare`, the place of a mount's row in the home, with its target; None when that may not be seen, is in the trash,
    or has come into the home itself.
    """
    chain = [*(step.id for step in ancestors), target.pk]
    access = rules.along(chain)
    if Right.VIEW not in access.rights or chain[0] != space.root_id or space.pk == bare.space.pk:
        return None
    return replace(bare, target=LocatedNode(space, target, ancestors, access, mount=bare))


def enter(
    bare: LocatedNode, actor: Actor, target: Node | None, space: Space | None
) -> tuple[LocatedNode | None, SpaceAccess]:
    """The same where the target has been read already (None: it has not been found), by at most two queries, one of
    which only for a target that is not the top of its space. With what the actor may do in that space. Raises
    MountUnavailable.
    """
    target, space = _required(bare.node, target, space)
    within = () if target.pk == space.root_id else ancestors_of([target.pk])[target.pk]
    rules = SpaceAccess(actor, facts_of(space))
    return entered(bare, target, space, within, rules), rules


def enter_row(bare: LocatedNode, actor: Actor) -> LocatedNode | None:
    """The same for a mount of which only the row in the home is known: one query more."""
    found = sql_rows.select_joined(
        ((Node, "t"), (Space, "s")),
        "FROM files_node t JOIN files_space s ON s.id = t.space_id WHERE t.id = %s",
        [bare.node.target_id],
    )
    target, space = found[0] if found else (None, None)
    return enter(bare, actor, target, space)[0]
