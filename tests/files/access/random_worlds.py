"""Random teams, groups, spaces, trees, grants and restricted folders, and a slow statement of who may do what there."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.actor import ALL_SCOPES, Actor, Principal, PrincipalKind
from accounts.models import Group, GroupMember, Team, User
from accounts.models import Role as TeamRole
from common.clock import now
from files.access.explain import Reach, SubjectKind
from files.access.rights import NO_RIGHTS, RIGHTS, Right, Role
from files.actions.spaces import create_team_space
from files.models import Grant, Node, Restriction, Space, SpaceKind
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import home_of, put

PATHS = ("x.txt", "a/x.txt", "a/b/x.txt", "a/b/c/x.txt", "a/b/d/y.txt", "d/x.txt", "d/e/y.txt")
LINKS = (71, 72)


@dataclass
class RandomWorld:
    """`actors` are people of all kinds, a link and nobody, by name. `chains`: of each node the ids from the root."""

    dice: random.Random
    owner: User
    spaces: list[Space] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)
    chains: dict[int, list[int]] = field(default_factory=dict)
    nodes: dict[int, Node] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    restricted: set[int] = field(default_factory=set)
    in_groups: set[tuple[int, int]] = field(default_factory=set)

    def space_of(self, node_id: int) -> Space:
        return next(space for space in self.spaces if space.pk == self.nodes[node_id].space_id)

    def rights(self, actor: Actor, node_id: int) -> Right:
        """Grant by grant: does it hold there, and is it the actor's?"""
        space, chain, rights = self.space_of(node_id), self.chains[node_id], NO_RIGHTS
        if space.kind == SpaceKind.HOME and actor.user_id == space.owner_id and actor.user_id is not None:
            return Right(255)
        for at, role, can_download in self._held(actor, space, chain):
            cut = any(later in self.restricted for later in chain[max(at, 0) + 1 :])
            if cut and not (at == 0 and role == "manager"):
                continue
            given = RIGHTS.get(role, NO_RIGHTS)
            rights |= given if can_download else given & ~Right.DOWNLOAD
        return rights

    def _held(self, actor: Actor, space: Space, chain: list[int]) -> list[tuple[int, str, bool]]:
        of_team = actor.team_id == space.team_id and actor.user_id is not None
        found = []
        if space.kind == SpaceKind.TEAM and space.is_open and of_team:
            found.append((0, "manager" if actor.role in ("owner", "admin") else "editor", True))
        for grant in self.grants:
            if grant.node_id not in chain or (grant.expires_at is not None and grant.expires_at <= now()):
                continue
            if self._is_for(grant, actor, of_team=of_team):
                found.append((chain.index(grant.node_id), grant.role, grant.can_download))
        return found

    def _is_for(self, grant: Grant, actor: Actor, *, of_team: bool) -> bool:
        if grant.link_id is not None:
            return actor.link_id == grant.link_id
        if not of_team:
            return False
        if grant.group_id is not None:
            return (grant.group_id, actor.user_id) in self.in_groups
        return grant.user_id == actor.user_id or grant.team_id == actor.team_id

    def said_to_reach(self, reached: list[Reach], actor: Actor, node_id: int) -> Right:
        """What the explanation gives this actor."""
        rights, team_id = NO_RIGHTS, self.space_of(node_id).team_id
        for reach in reached:
            if self._is_of(reach, actor, team_id):
                rights |= reach.rights
        return rights

    def _is_of(self, reach: Reach, actor: Actor, team_id: int) -> bool:
        if reach.kind is SubjectKind.LINK:
            return actor.link_id == reach.subject_id
        if reach.kind in (SubjectKind.USER, SubjectKind.OWNER):
            return actor.user_id == reach.subject_id
        if actor.user_id is None or actor.team_id != team_id:
            return False
        if reach.kind is SubjectKind.GROUP:
            return (reach.subject_id, actor.user_id) in self.in_groups
        return reach.kind is SubjectKind.TEAM or actor.role in (TeamRole.OWNER, TeamRole.ADMIN)


def random_world(seed: int) -> RandomWorld:
    world = RandomWorld(random.Random(seed), make_owner(seed))
    make_people(world, seed)
    make_spaces(world, seed)
    grant_at_random(world, links=LINKS)
    _leave(world)
    world.actors["link"] = Actor(Principal(PrincipalKind.LINK, LINKS[0]), scopes=ALL_SCOPES)
    world.actors["nobody"] = Actor(scopes=ALL_SCOPES)
    return world


def make_owner(seed: int) -> User:
    owner = make_user(f"owner{seed}@example.com")
    Team.objects.filter(pk=owner.membership.team_id).update(seats=50)
    owner.membership.team.refresh_from_db()
    return owner


def make_people(world: RandomWorld, seed: int) -> None:
    for number in range(4):
        role = world.dice.choice([TeamRole.MEMBER, TeamRole.MEMBER, TeamRole.ADMIN])
        world.users.append(make_member(world.owner, role, email=f"p{seed}-{number}@example.com"))
    elsewhere = make_user(f"elsewhere{seed}@example.com")
    world.users += [world.owner, elsewhere]
    for number in range(2):
        group = Group.objects.create(team=world.owner.membership.team, name=f"g{seed}-{number}")
        for user in world.dice.sample(world.users[:5], 2):
            GroupMember.objects.create(group=group, user=user)
            world.in_groups.add((group.pk, user.pk))


def make_spaces(world: RandomWorld, seed: int) -> None:
    owner = actor_of(world.owner)
    spaces = [create_team_space(owner, name=f"{name} {seed}") for name in ("Open", "Closed")]
    spaces.append(home_of(world.users[0]))
    for space, writer in zip(spaces, (owner, owner, actor_of(world.users[0])), strict=True):
        for path in PATHS:
            put(writer, path, f"zebra {path}".encode(), space_id=space.pk)
        _know(world, space)
    Space.objects.filter(pk=spaces[1].pk).update(is_open=False)
    world.spaces = [Space.objects.select_related("team", "owner").get(pk=space.pk) for space in spaces]


def _know(world: RandomWorld, space: Space) -> None:
    rows = {node.pk: node for node in Node.objects.filter(space=space)}
    for node in rows.values():
        chain, at = [node.pk], node
        while at.parent_id is not None:
            at = rows[at.parent_id]
            chain.insert(0, at.pk)
        world.chains[node.pk] = chain
    world.nodes |= rows


def grant_at_random(world: RandomWorld, *, links: Sequence[int]) -> None:
    """And restricts folders. `links`: ids to which something is granted, too."""
    dice, team = world.dice, world.owner.membership.team
    groups = list(Group.objects.filter(team=team))
    for space in world.spaces:
        nodes = [node for node in world.nodes.values() if node.space_id == space.pk]
        folders = [node for node in nodes if node.is_folder and node.parent_id is not None]
        for node in dice.sample(folders, dice.choice([0, 1, 2, 2])):
            Restriction.objects.create(node=node, space=space)
            world.restricted.add(node.pk)
        tops = nodes if space.kind == SpaceKind.TEAM else [node for node in nodes if node.parent_id is not None]
        for _ in range(dice.choice([2, 5, 9])):
            subjects: list[dict[str, Any]] = [
                {"user": dice.choice(world.users)},
                {"user": dice.choice(world.users)},
                {"group": dice.choice(groups)},
                {"team": team},
                *([{"link_id": dice.choice(links)}] if links else []),
            ]
            subject = dice.choice(subjects)
            until = dice.choice([None, None, now() + timedelta(hours=1), now() - timedelta(seconds=1)])
            values = {"role": dice.choice(list(Role)), "can_download": dice.random() < 0.8, "expires_at": until}
            Grant.objects.update_or_create(node=dice.choice(tops), space=space, **subject, defaults=values)
    world.grants = list(Grant.objects.filter(space__in=world.spaces))


def _leave(world: RandomWorld) -> None:
    """One of the people goes to another team, with what they hold."""
    leaver, elsewhere = world.users[3], world.users[5]
    leaver.membership.team = elsewhere.membership.team
    leaver.membership.save()
    world.actors |= {user.email: actor_of(user) for user in world.users}
