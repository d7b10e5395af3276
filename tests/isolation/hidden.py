"""A space with a restricted folder in the middle, of which all names and sizes are canaries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.models import Group, GroupMember, User
from common.clock import now
from files.access.rights import Role
from files.actions.move import move_node
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import Grant, Node, Space
from files.queries.target import Target
from sharing.actions.comments import add_comment
from sharing.actions.reminders import set_reminder
from sharing.actions.tags import set_tags
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put

LARGE = b"canary-words " * 6_007  # no other sum has the digits of one with this in it
_TREE = {
    "shared/report.txt": b"a report of nothing",
    "shared/taken.txt": b"the name is taken",
    "shared/sub/inner.txt": b"inside",
    "shared/sub/taken.txt": b"here too",
    "shared/canary-above/canary-deeper/canary-sibling.txt": LARGE + b"and a report of something",
    "shared/canary-above/canary-old.txt": b"it was somewhere else",
    "shared/canary-above/canary-trash/canary-trashed.txt": LARGE,
    "shared/sub/gone.txt": b"in the trash",
}


@dataclass
class HiddenWorld:
    """`/shared/canary-above` is restricted; `canary-person` and `canary-group` are let in."""

    owner: User
    space: Space
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> Any:
        return actor_of(self.owner)

    def node(self, name: str) -> Node:
        """The oldest of this name."""
        return Node.objects.filter(space=self.space, name=name).order_by("pk")[0]

    def put(self, path: str, data: bytes = b"x") -> Node:
        return put(self.actor, path, data, space_id=self.space.pk).node

    def person(self, role: Role | None = None, on: str = "") -> User:
        """A member of the team; with a role the space is closed to others."""
        user = make_member(self.owner)
        if role is not None:
            Space.objects.filter(pk=self.space.pk).update(is_open=False)
            root = {"node_id": self.space.root_id, "space": self.space}
            Grant.objects.update_or_create(**root, user=self.owner, defaults={"role": Role.MANAGER})
            node_id = self.node(on).pk if on else self.space.root_id
            Grant.objects.create(node_id=node_id, space=self.space, user=user, role=role)
        return user

    def untold(self) -> set[str]:
        """Numbers that would tell: sums with what is hidden in them, and entity tags that change with it."""
        rows = {name: Node.objects.get(pk=int(self.ids[name])) for name in ("root", "shared", "above", "sibling")}
        sums = {str(row.size) for row in rows.values()}
        return sums | {f"{row.pk}-{row.seq}" for name, row in rows.items() if name in ("root", "shared")}


def hidden_world() -> HiddenWorld:
    owner = make_user("owner@example.com", name="Olga Owner")
    owner.membership.team.seats = 100
    owner.membership.team.save()
    space = create_team_space(actor_of(owner), name="Plans")
    world = HiddenWorld(owner, space)
    for path, data in _TREE.items():
        world.put(path, data)
    first = world.node("report.txt").version_id
    world.put("shared/report.txt", b"a second report")
    above = world.node("canary-above")
    _people_inside(world, above)
    restrict(world.actor, node_id=above.pk)
    items = [trash_nodes(world.actor, node_ids=[world.node(name).pk])[0] for name in ("canary-trash", "gone.txt")]
    moved = world.node("canary-old.txt")
    move_node(world.actor, node_id=moved.pk, target=Target("shared/moved.txt", space_id=space.pk))
    grant = Grant.objects.filter(node=above).order_by("pk").values_list("pk", flat=True)[0]
    names = (
        "shared",
        "report.txt",
        "taken.txt",
        "sub",
        "canary-above",
        "canary-deeper",
        "canary-sibling.txt",
        "moved.txt",
    )
    world.ids = {name.partition(".")[0].removeprefix("canary-"): str(world.node(name).pk) for name in names}
    set_tags(world.actor, node_id=above.pk, names=["canary-tag"])
    tomorrow = now() + timedelta(days=1)
    world.ids |= {
        "root": str(space.root_id),
        "space": str(space.pk),
        "version": str(first),
        "item": str(items[1].pk),
        "hidden_item": str(items[0].pk),
        "upload": "00000000-0000-4000-8000-000000000001",
        "grant": str(grant),
        "comment": str(add_comment(world.actor, node_id=above.pk, text="canary-comment").pk),
        "reminder": str(set_reminder(world.actor, node_id=above.pk, at=tomorrow, note="canary-note").pk),
    }
    return world


def _people_inside(world: HiddenWorld, above: Node) -> None:
    person = make_member(world.owner, email="canary-person@example.com", name="canary-person")
    group = Group.objects.create(team=world.owner.membership.team, name="canary-group")
    GroupMember.objects.create(group=group, user=person)
    Grant.objects.create(node=above, space=world.space, user=person, role=Role.EDITOR)
    Grant.objects.create(node=above, space=world.space, group=group, role=Role.VIEWER)
    put(actor_of(person), "shared/canary-above/canary-theirs.txt", b"x", space_id=world.space.pk)
