"""A space with a restricted folder, its manager, and a member from whom that is hidden."""

from dataclasses import dataclass

from accounts.actor import Actor
from accounts.models import User
from files.access.compute import SpaceAccess, facts_of
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.models import Node, Space
from files.queries.tree import LocatedNode, locate
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put


@dataclass
class Restricted:
    """`/f` has `a.txt` (3 bytes), `g/b.txt` (4) and, restricted, `closed` with `c.txt` (60) and `d/e.txt` (40)."""

    owner: User
    member: User
    space: Space

    @property
    def manager(self) -> Actor:
        return actor_of(self.owner)

    @property
    def actor(self) -> Actor:
        return actor_of(self.member)

    @property
    def rules(self) -> SpaceAccess:
        return SpaceAccess(self.actor, facts_of(self.space))

    @property
    def root(self) -> LocatedNode:
        return locate(self.actor, self.space.root_id or 0)

    def node(self, name: str) -> Node:
        return Node.objects.get(space=self.space, name=name)

    def put(self, path: str, size: int) -> Node:
        return put(self.manager, path, b"x" * size, space_id=self.space.pk).node


def restricted_world() -> Restricted:
    owner = make_user("owner@example.com")
    owner.membership.team.seats = 5
    owner.membership.team.save()
    space = create_team_space(actor_of(owner), name="Plans")
    world = Restricted(owner, make_member(owner), space)
    for path, size in (("f/a.txt", 3), ("f/g/b.txt", 4), ("f/closed/c.txt", 60), ("f/closed/d/e.txt", 40)):
        world.put(path, size)
    restrict(world.manager, node_id=world.node("closed").pk)
    world.space = Space.objects.get(pk=space.pk)
    return world
