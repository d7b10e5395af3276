"""Acts of people in a random world: of each whether it may be done, by the rules of the world alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files.access.rights import Right
from files.models import SpaceKind
from tests.files.access.acting_world import ALL, READING, ActingWorld, rights_of
from tests.support.clients import Api

_names = count(1)
HOUR = timedelta(hours=1)


@dataclass
class Person:
    """Who acts, with a client of theirs."""

    world: ActingWorld
    user: User

    def __post_init__(self) -> None:
        self.api = Api(self.user)

    @property
    def actor(self) -> Actor:
        return self.world.actors[self.user.email]

    def may(self, right: Right, node_id: int) -> bool:
        return self.world.may(self.actor, right, node_id)


@dataclass
class Tried:
    """Whether it was to succeed, the answer, which facts it may change, and whether they are as they should be then.
    `seen`: None, or whether who asks may learn that it is there.
    """

    expected: bool
    answer: Any
    touches: frozenset[str] = field(default_factory=frozenset)
    is_done: Callable[[], bool] | None = None
    seen: bool = True


Act = Callable[[Person], Tried | None]  # None: nothing to try it on


def some_node(world: ActingWorld) -> int:
    """Mostly one that is there."""
    if world.trash and world.dice.random() < 0.05:
        return world.dice.choice(sorted(item.node_id for item in world.trash.values()))
    return world.dice.choice(sorted(world.chains))


def _new_name() -> str:
    return f"new {next(_names)}"


# --- trees -----------------------------------------------------------------------------------------------------------
def create(who: Person) -> Tried | None:
    world, node_id = who.world, some_node(who.world)
    if not world.nodes[node_id].is_folder or len(world.chains) > 60:
        return None
    name = _new_name()
    answer = who.api.post("/folders", {"parent_id": str(node_id), "name": name})
    there = lambda: any(node.name == name and node.parent_id == node_id for node in world.nodes.values())  # noqa: E731
    may = who.may(Right.CREATE, node_id)
    return Tried(may, answer, frozenset({"nodes"}), there, seen=may or who.may(Right.VIEW, node_id))


def edit(who: Person) -> Tried | None:
    world, node_id = who.world, some_node(who.world)
    node = world.nodes[node_id]
    if node.is_folder:
        return None
    before = node.version_id
    answer = who.api.put(f"/nodes/{node_id}/content", _new_name().encode(), Content_Type="text/plain")
    may = who.may(Right.EDIT, node_id) and not world.is_locked(who.actor, node_id)
    is_done = lambda: world.nodes[node_id].version_id != before  # noqa: E731
    return Tried(may, answer, frozenset({"nodes"}), is_done, seen=who.may(Right.VIEW, node_id))


def rename(who: Person) -> Tried | None:
    world, node_id, name = who.world, some_node(who.world), _new_name()
    parent_id = world.nodes[node_id].parent_id
    if parent_id is None:
        return None
    may = world.may_below(who.actor, Right.EDIT, node_id) and who.may(Right.CREATE, parent_id)
    may = may and not world.is_locked(who.actor, node_id)
    answer = who.api.patch(f"/nodes/{node_id}", {"name": name})
    is_done = lambda: world.nodes[node_id].name == name  # noqa: E731
    return Tried(may, answer, frozenset({"nodes"}), is_done, seen=who.may(Right.VIEW, node_id))


def move(who: Person) -> Tried | None:
    world, dice = who.world, who.world.dice
    node_id = some_node(world)
    folder_id = dice.choice(sorted(pk for pk in world.chains if world.nodes[pk].is_folder))
    if node_id not in world.chains:
        return None
    actor, node = who.actor, world.nodes[node_id]
    may = world.may_below(actor, Right.EDIT, node_id) and who.may(Right.CREATE, folder_id)
    may = may and node.parent_id is not None and folder_id not in world.below(node_id)
    if folder_id != node.parent_id:
        may = may and not world.is_top(actor, node_id) and not world.is_locked(actor, node_id)
    if world.nodes[folder_id].space_id != node.space_id:
        may = may and world.may_below(actor, Right.DELETE, node_id)
    answer = who.api.patch(f"/nodes/{node_id}", {"parent_id": str(folder_id), "autorename": True})
    is_done = lambda: world.nodes[node_id].parent_id == folder_id  # noqa: E731
    touches = frozenset({"nodes", "restrictions", "locks"})
    return Tried(may, answer, touches, is_done, seen=who.may(Right.VIEW, node_id))


def trash(who: Person) -> Tried | None:
    world, node_id = who.world, some_node(who.world)
    if len(world.below(node_id)) > max(1, len(world.chains) - 30):
        return None  # something is left to act on
    may = node_id in world.chains and world.may_below(who.actor, Right.DELETE, node_id)
    may = may and not world.is_top(who.actor, node_id) and not world.is_locked(who.actor, node_id)
    answer = who.api.delete(f"/nodes/{node_id}")
    is_done = lambda: node_id not in world.chains  # noqa: E731
    touches = frozenset({"nodes", "trash", "locks"})
    return Tried(may, answer, touches, is_done, seen=who.may(Right.VIEW, node_id))


def restore(who: Person) -> Tried | None:
    """Where the folder that it was in is there still, in the same space."""
    world = who.world
    nodes, there = world.nodes, [item for item in world.trash.values() if item.parent_id in world.chains]
    items = [item for item in there if nodes[item.parent_id].space_id == item.space_id]
    if not items:
        return None
    item = world.dice.choice(sorted(items))
    chain = [*world.chains[item.parent_id], item.node_id]
    rights = world.rights_along(who.actor, chain)
    may = Right.VIEW | Right.DELETE in rights and who.may(Right.CREATE, item.parent_id)
    answer = who.api.post("/trash/restore", {"ids": [str(item.id)]})
    is_done = lambda: world.chains.get(item.node_id) == chain  # noqa: E731
    return Tried(may, answer, frozenset({"nodes", "trash"}), is_done, seen=Right.VIEW in rights)


def lock(who: Person) -> Tried | None:
    world, node_id = who.world, some_node(who.world)
    if world.nodes[node_id].is_folder:
        return None
    may = who.may(Right.EDIT, node_id) and not world.is_locked(who.actor, node_id)
    answer = who.api.post(f"/nodes/{node_id}/lock", {"expires_at": (now() + HOUR).isoformat()})
    is_done = lambda: world.locks.get(node_id) == who.user.pk  # noqa: E731
    return Tried(may, answer, frozenset({"locks"}), is_done, seen=who.may(Right.VIEW, node_id))


def unlock(who: Person) -> Tried | None:
    world = who.world
    if not world.locks:
        return None
    node_id = world.dice.choice(sorted(world.locks))
    mine = world.locks[node_id] == who.user.pk
    may = who.may(Right.EDIT, node_id) and (mine or who.may(Right.MANAGE, node_id))
    answer = who.api.post(f"/nodes/{node_id}/unlock")
    return Tried(
        may,
        answer,
        frozenset({"locks"}),
        lambda: node_id not in world.locks,
        seen=who.may(Right.VIEW, node_id),
    )


# --- who may do what -------------------------------------------------------------------------------------------------
def share(who: Person) -> Tried | None:
    world, dice, node_id = who.world, who.world.dice, _node_to_share(who)
    column, subject = dice.choice(
        [
            *[("user_id", user.pk) for user in world.users],
            *[("group_id", pk) for pk in world.groups],
            *[("team_id", world.team_id), ("team_id", world.members[world.users[5].pk][0])],
        ]
    )
    role = dice.choice(["viewer", "commenter", "editor", "editor", "manager"])
    download, can_share = dice.random() < 0.8, dice.random() < 0.8
    ends = [grant.expires_at for grant in world.given.values() if grant.expires_at is not None]
    until = dice.choice([None, None, now() + HOUR, *sorted(end for end in ends if end > now())])
    fields = {
        "node_id": str(node_id),
        "grantee": {column: str(subject)},
        "role": role,
        "can_download": download,
        "can_share": can_share,
        "expires_at": None if until is None else until.isoformat(),
        "notify": False,
    }
    rights = rights_of(role, download, can_share or role != "editor")
    may = node_id in world.chains and _may_give(who, node_id, rights, until)
    may = may and _is_subject(world, column, subject) and not _has_grant(world, node_id, column, subject)
    may = may and not (column == "user_id" and world.space_of(node_id).owner_id == subject)
    may = may and _keeps_manager(world, node_id, gets=role == "manager" and until is None)
    answer = who.api.post("/shares", fields)
    is_done = lambda: any(  # noqa: E731
        grant.node_id == node_id and getattr(grant, column) == subject and grant.rights == rights
        for grant in world.given.values()
    )
    return Tried(may, answer, frozenset({"grants"}), is_done, seen=_sees_to_give(who, node_id))


def _node_to_share(who: Person) -> int:
    """Often one that they were let into themselves."""
    mine = [grant.node_id for grant in who.world.given.values() if grant.user_id == who.user.pk]
    return who.world.dice.choice(sorted(mine)) if mine and who.world.dice.random() < 0.4 else some_node(who.world)


def _top_of_team(who: Person, node_id: int) -> bool:
    """Who manages the team says who is in its spaces."""
    world = who.world
    is_root = node_id in world.chains and world.nodes[node_id].parent_id is None
    return is_root and world.space_of(node_id).kind == SpaceKind.TEAM and world.manages_team(who.actor)


def _sees_to_give(who: Person, node_id: int) -> bool:
    return _top_of_team(who, node_id) or who.may(Right.VIEW, node_id)


def _may_give(who: Person, node_id: int, rights: Right, until: Any) -> bool:
    world, actor = who.world, who.actor
    space, wanted = world.space_of(node_id), rights | Right.SHARE
    if world.nodes[node_id].parent_id is None and space.kind == SpaceKind.HOME:
        return False
    if _top_of_team(who, node_id):
        return True
    lasting = Right(0)
    for given, grant in world.holding(actor, world.chains[node_id]):
        if grant is None or grant.lasts(until):
            lasting |= given
    if space.archived_at is not None:
        lasting &= READING
    return not wanted & ~lasting


def _is_subject(world: ActingWorld, column: str, subject: int) -> bool:
    if column == "user_id":
        team_id, _, is_active = world.members[subject]
        return team_id == world.team_id and is_active
    return column == "group_id" or subject == world.team_id


def _has_grant(world: ActingWorld, node_id: int, column: str, subject: int) -> bool:
    return any(
        grant.node_id == node_id
        and getattr(grant, column) == subject
        and (grant.expires_at is None or grant.expires_at > now())
        for grant in world.given.values()
    )


def change_share(who: Person) -> Tried | None:
    world, dice = who.world, who.world.dice
    shares = [grant for grant in world.given.values() if grant.link_id is None]
    if not shares:
        return None
    grant, role = dice.choice(sorted(shares, key=lambda row: row.id)), dice.choice(["viewer", "commenter", "editor"])
    rights = rights_of(role, grant.can_download, grant.can_share or role != "editor")
    may = _may_change(who, grant) and _may_give(who, grant.node_id, rights, grant.expires_at)
    may = may and (grant.expires_at is None or grant.expires_at > now())
    may = may and any(
        _is_subject(world, column, getattr(grant, column))
        for column in ("user_id", "group_id", "team_id")
        if getattr(grant, column) is not None
    )
    may = may and _keeps_manager(world, grant.node_id, grant.id)
    answer = who.api.patch(f"/shares/{grant.id}", {"role": role})
    is_done = lambda: world.given[grant.id].rights == rights  # noqa: E731
    return Tried(may, answer, frozenset({"grants"}), is_done, seen=_sees_to_give(who, grant.node_id))


def _may_change(who: Person, grant: Any) -> bool:
    if grant.node_id not in who.world.chains or not _sees_to_give(who, grant.node_id):
        return False
    mine = ALL if _top_of_team(who, grant.node_id) else who.world.rights(who.actor, grant.node_id)
    needed = rights_of(grant.role, True, True) | Right.SHARE
    if grant.created_by_id != who.user.pk:
        needed |= Right.MANAGE
    return not needed & ~mine


def _keeps_manager(world: ActingWorld, node_id: int, lost: int = 0, *, gets: bool = False) -> bool:
    """Whether a closed space has somebody who manages it without an end, when one grant on its top is another one."""
    space = world.space_of(node_id)
    if node_id != space.root_id or space.is_open or gets:
        return True
    others = [each for each in world.given.values() if each.node_id == node_id and each.id != lost]
    return any(each.role == "manager" and each.expires_at is None for each in others)


def end_share(who: Person) -> Tried | None:
    """Of others, and one's own."""
    world = who.world
    shares = [grant for grant in world.given.values() if grant.link_id is None]
    if who.world.dice.random() < 0.4:
        shares = [grant for grant in shares if grant.user_id == who.user.pk]
    if not shares:
        return None
    grant = world.dice.choice(sorted(shares, key=lambda row: row.id))
    leaves = grant.user_id == who.user.pk and grant.node_id in world.chains and _sees_to_give(who, grant.node_id)
    may = (leaves or _may_change(who, grant)) and _keeps_manager(world, grant.node_id, grant.id)
    answer = who.api.delete(f"/shares/{grant.id}")
    is_done = lambda: grant.id not in world.given  # noqa: E731
    return Tried(may, answer, frozenset({"grants"}), is_done, seen=_sees_to_give(who, grant.node_id))


def restrict(who: Person) -> Tried | None:
    world, node_id = who.world, some_node(who.world)
    node = world.nodes[node_id]
    if world.dice.random() < 0.4 and world.restricted & world.chains.keys():
        node_id = world.dice.choice(sorted(world.restricted & world.chains.keys()))
        answer = who.api.delete(f"/nodes/{node_id}/restriction")
        is_done = lambda: node_id not in world.restricted  # noqa: E731
        may = who.may(Right.MANAGE, node_id)
        return Tried(may, answer, frozenset({"restrictions"}), is_done, seen=who.may(Right.VIEW, node_id))
    may = who.may(Right.MANAGE, node_id) and node.is_folder and node.parent_id is not None
    may = may and world.space_of(node_id).kind == SpaceKind.TEAM
    answer = who.api.put(f"/nodes/{node_id}/restriction")
    touches = frozenset({"restrictions", "grants"})
    is_done = lambda: node_id in world.restricted  # noqa: E731
    return Tried(may, answer, touches, is_done, seen=who.may(Right.VIEW, node_id))


# --- comments --------------------------------------------------------------------------------------------------------
def comment(who: Person) -> Tried | None:
    world, node_id = who.world, some_node(who.world)
    answer = who.api.post(f"/nodes/{node_id}/comments", {"text": _new_name()})
    is_done = lambda: int(answer.json()["id"]) in world.comments  # noqa: E731
    return Tried(
        who.may(Right.COMMENT, node_id),
        answer,
        frozenset({"comments"}),
        is_done,
        seen=who.may(Right.VIEW, node_id),
    )


def edit_comment(who: Person) -> Tried | None:
    found = _some_comment(who)
    if found is None:
        return None
    may = found.author_id == who.user.pk and who.may(Right.COMMENT, found.node_id)
    answer = who.api.patch(f"/comments/{found.id}", {"text": _new_name()})
    return Tried(may, answer, frozenset({"comments"}), None, seen=who.may(Right.VIEW, found.node_id))


def delete_comment(who: Person) -> Tried | None:
    world, found = who.world, _some_comment(who)
    if found is None:
        return None
    is_archived = world.space_of(found.node_id).archived_at is not None
    mine = found.author_id == who.user.pk and who.may(Right.VIEW, found.node_id) and not is_archived
    may = mine or who.may(Right.MANAGE, found.node_id)
    answer = who.api.delete(f"/comments/{found.id}")
    is_done = lambda: found.id not in world.comments  # noqa: E731
    return Tried(may, answer, frozenset({"comments"}), is_done, seen=who.may(Right.VIEW, found.node_id))


def _some_comment(who: Person) -> Any:
    comments = sorted(who.world.comments.values())
    if who.world.dice.random() < 0.4:
        comments = [found for found in comments if found.author_id == who.user.pk]
    return who.world.dice.choice(comments) if comments else None


def read_comments(who: Person) -> Tried | None:
    world, node_id = who.world, some_node(who.world)
    if world.comments and world.dice.random() < 0.7:
        node_id = world.dice.choice(sorted({found.node_id for found in world.comments.values()}))
    answer = who.api.get(f"/nodes/{node_id}/comments", limit=200)
    may = who.may(Right.VIEW, node_id)
    if may and answer.status_code == 200:
        told = {int(item["id"]) for item in answer.json()["items"]}
        assert told == {found.id for found in world.comments.values() if found.node_id == node_id}
    return Tried(may, answer, seen=may)


OF_TREES: dict[str, tuple[Act, int]] = {
    "create": (create, 4),
    "edit": (edit, 6),
    "rename": (rename, 4),
    "move": (move, 8),
    "trash": (trash, 6),
    "restore": (restore, 8),
    "lock": (lock, 4),
    "unlock": (unlock, 4),
    "share": (share, 12),
    "change a share": (change_share, 6),
    "end a share": (end_share, 7),
    "restrict": (restrict, 4),
    "comment": (comment, 6),
    "edit a comment": (edit_comment, 4),
    "delete a comment": (delete_comment, 3),
    "read comments": (read_comments, 5),
}
