"""A random world in which people act: its facts as they are in the database, and a slow statement of the rules.

Nothing here asks the product what somebody may do: rights, links, policies, locks and comments are stated a second
time, from the rows alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.db.models import Model

from accounts.actor import ALL_SCOPES, Actor, Principal, PrincipalKind, principal_of
from accounts.models import Group, GroupMember, Membership, TeamPolicy, User
from accounts.policies import SETTINGS
from common.clock import now
from files.access.rights import NO_RIGHTS, Right
from files.models import Grant, Node, NodeLock, Restriction, Space, SpaceKind, TrashItem
from sharing.models import Comment, Link
from tests.files.access.random_worlds import RandomWorld, grant_at_random, make_owner, make_people, make_spaces

ALL = Right(255)
_VIEWER = Right.VIEW | Right.DOWNLOAD
# Once more, and not that of the product.
RIGHTS = {
    "uploader": Right.CREATE,
    "viewer": _VIEWER,
    "commenter": _VIEWER | Right.COMMENT,
    "editor": ALL & ~Right.MANAGE,
    "manager": ALL,
}
READING = _VIEWER
MANAGERS = ("owner", "admin")
Facts = dict[str, frozenset[tuple[Any, ...]]]


class TrashFact(NamedTuple):
    id: int
    node_id: int
    parent_id: int
    space_id: int


class LinkFact(NamedTuple):
    id: int
    token: str
    node_id: int
    role: str
    allow_download: bool
    password: str
    expires_at: datetime | None
    audience: str
    created_by_id: int | None
    created_at: datetime

    @property
    def rights(self) -> Right:
        """What it gives, if it opens."""
        rights = RIGHTS[self.role] & ~Right.SHARE
        return rights if self.allow_download else rights & ~Right.DOWNLOAD

    @property
    def is_external(self) -> bool:
        return self.audience != "team"


class CommentFact(NamedTuple):
    id: int
    node_id: int
    author_id: int | None


class GrantFact(NamedTuple):
    id: int
    node_id: int
    role: str
    can_download: bool
    can_share: bool
    expires_at: datetime | None
    user_id: int | None
    group_id: int | None
    team_id: int | None
    link_id: int | None
    created_by_id: int | None

    @property
    def rights(self) -> Right:
        return rights_of(self.role, self.can_download, self.can_share)

    def lasts(self, until: datetime | None) -> bool:
        return self.expires_at is None or (until is not None and self.expires_at >= until)


def rights_of(role: str, can_download: bool, can_share: bool) -> Right:
    rights = RIGHTS.get(role, NO_RIGHTS)
    if not can_download:
        rights &= ~Right.DOWNLOAD
    return rights if can_share else rights & ~Right.SHARE


@dataclass
class ActingWorld(RandomWorld):
    """`people` are those who act: the first four and the owner are of one team, the last of another one."""

    facts: Facts = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    given: dict[int, GrantFact] = field(default_factory=dict)
    links: dict[int, LinkFact] = field(default_factory=dict)
    trash: dict[int, TrashFact] = field(default_factory=dict)
    comments: dict[int, CommentFact] = field(default_factory=dict)
    locks: dict[int, int | None] = field(default_factory=dict)  # the holder, by file
    members: dict[int, tuple[int, str, bool]] = field(default_factory=dict)  # team, role, may sign in
    groups: list[int] = field(default_factory=list)

    @property
    def team_id(self) -> int:
        return self.members[self.owner.pk][0]

    def read(self) -> set[str]:
        """Reads the facts again. Returns what of them has changed."""
        before, self.facts = self.facts, dict(_read(self))
        changed = {name for name, rows in self.facts.items() if rows != before.get(name)}
        if "spaces" in changed:
            self.spaces = list(Space.objects.select_related("team", "owner").filter(pk__in=[s.pk for s in self.spaces]))
        if "nodes" in changed:
            self._read_nodes()
        self.given = {row[0]: GrantFact(*row) for row in self.facts["grants"]}
        self.grants = list(self.given.values())
        self.restricted = {row[0] for row in self.facts["restrictions"]}
        self.links = {row[0]: LinkFact(*row) for row in self.facts["links"] if self._is_granted(row[0], row[2])}
        self.trash = {row[0]: TrashFact(*row) for row in self.facts["trash"]}
        self.comments = {row[0]: CommentFact(*row) for row in self.facts["comments"]}
        self.locks = dict(self.facts["locks"])
        self.in_groups = set(self.facts["groups"])
        if "policy" in changed:
            row = TeamPolicy.objects.filter(team_id=self.owner.membership.team_id).first() or TeamPolicy()
            self.policy = {column.attname: getattr(row, column.attname) for column in TeamPolicy._meta.concrete_fields}
        if "members" in changed:
            self.members = {row[0]: row[1:] for row in self.facts["members"]}
            self.actors = {user.email: self.actor_now(user) for user in self.users if self.members[user.pk][2]}
            self.actors["nobody"] = Actor(scopes=ALL_SCOPES)
        return changed

    def actor_now(self, user: User) -> Actor:
        team_id, role, _ = self.members[user.pk]
        return Actor(principal_of(user.pk), team_id=team_id, role=role, scopes=ALL_SCOPES)

    def actor_of_link(self, link: LinkFact) -> Actor:
        return Actor(Principal(PrincipalKind.LINK, link.id), self.team_id, scopes=ALL_SCOPES)

    def end_something(self) -> None:
        """A grant or a link that was to end has ended."""
        ending = [grant for grant in self.given.values() if grant.expires_at is not None]
        if ending:
            grant = self.dice.choice(sorted(ending, key=lambda row: row.id))
            past = now() - timedelta(seconds=1)
            Grant.objects.filter(pk=grant.id).update(expires_at=past)
            Link.objects.filter(pk=grant.link_id or 0).update(expires_at=past)

    def _is_granted(self, link_id: int, node_id: int) -> bool:
        return any(grant.link_id == link_id and grant.node_id == node_id for grant in self.given.values())

    def _read_nodes(self) -> None:
        rows = {node.pk: node for node in Node.objects.filter(space__in=self.spaces, target_id=None)}
        roots = {space.root_id for space in self.spaces}
        self.nodes, self.chains = rows, {}
        for node in rows.values():
            chain = [node.pk]
            while (parent_id := rows[chain[0]].parent_id) is not None:
                chain.insert(0, parent_id)
            if chain[0] in roots:
                self.chains[node.pk] = chain

    # --- rights ------------------------------------------------------------------------------------------------------
    def rights(self, actor: Actor, node_id: int) -> Right:
        return self.rights_along(actor, self.chains[node_id])

    def rights_along(self, actor: Actor, chain: list[int]) -> Right:
        """At the end of a chain of nodes from the root of their space."""
        rights = self.granted_along(actor, chain)
        return rights & READING if self.space_of(chain[0]).archived_at is not None else rights

    def granted_along(self, actor: Actor, chain: list[int]) -> Right:
        """Whether the space is archived or not."""
        rights = NO_RIGHTS
        for given, _ in self.holding(actor, chain):
            rights |= given
        return rights

    def holding(self, actor: Actor, chain: list[int]) -> Iterator[tuple[Right, GrantFact | None]]:
        """Grant by grant what holds at the end of the chain; None: nobody had to give it."""
        space = self.space_of(chain[0])
        if space.kind == SpaceKind.HOME and actor.user_id is not None and actor.user_id == space.owner_id:
            yield ALL, None
        cut = max((place for place, pk in enumerate(chain) if place and pk in self.restricted), default=0)
        of_team = actor.team_id == space.team_id and actor.user_id is not None
        if space.kind == SpaceKind.TEAM and space.is_open and of_team:
            if actor.role in MANAGERS:
                yield ALL, None
            elif not cut:
                yield RIGHTS["editor"], None
        for grant in self.given.values():
            if grant.node_id not in chain or (grant.expires_at is not None and grant.expires_at <= now()):
                continue
            place = chain.index(grant.node_id)
            if place < cut and not (place == 0 and grant.role == "manager"):
                continue
            if self._is_for(grant, actor, of_team=of_team):
                yield grant.rights, grant

    def may(self, actor: Actor, right: Right, node_id: int) -> bool:
        """Of what is in the trash nobody may anything."""
        return node_id in self.chains and right in self.rights(actor, node_id)

    def below(self, node_id: int) -> list[int]:
        """The node and what is in it."""
        return [pk for pk, chain in self.chains.items() if node_id in chain]

    def may_below(self, actor: Actor, right: Right, node_id: int) -> bool:
        return all(self.may(actor, right, pk) for pk in self.below(node_id))

    def is_top(self, actor: Actor, node_id: int) -> bool:
        """Where what somebody sees begins: it was shared alone."""
        parent_id = self.nodes[node_id].parent_id
        return parent_id is None or not self.may(actor, Right.VIEW, parent_id)

    def is_locked(self, actor: Actor, node_id: int) -> bool:
        """It, or something in it, by somebody else."""
        return any(self.locks.get(pk, actor.user_id) != actor.user_id for pk in self.below(node_id))

    # --- people, policies, links -------------------------------------------------------------------------------------
    def manages_team(self, actor: Actor) -> bool:
        return actor.team_id == self.team_id and actor.role in MANAGERS

    def lacks_factor(self, user: User) -> bool:
        """So that no program of theirs is let in."""
        due = self.policy.get("second_factor_due_at")
        of_team = self.members[user.pk][0] == self.team_id
        return of_team and due is not None and due <= now() and user not in self.with_factor

    @property
    def with_factor(self) -> tuple[User, ...]:
        return self.owner, self.users[0]

    def maker_of(self, link: LinkFact) -> Actor | None:
        user = next((user for user in self.users if user.pk == link.created_by_id), None)
        return None if user is None or not self.members[user.pk][2] else self.actor_now(user)

    def breaks(self, link: LinkFact) -> set[str]:
        """The policies that the link is against, by the name of the setting."""
        if not link.is_external:
            return set()
        found, who, policy = set(), self.policy["external_links"], self.policy
        maker = self.members.get(link.created_by_id or 0, (0, "", False))
        is_manager = maker[0] == self.team_id and maker[1] in MANAGERS
        if who == "nobody" or (who == "admins" and not is_manager):
            found.add("external_links")
        if policy.get("link_password_required") and not link.password:
            found.add("link_password_required")
        longest = policy.get("link_longest_days")
        if link.expires_at is None and (policy.get("link_expiry_required") or longest is not None):
            found.add("link_expiry_required")
        last = link.created_at + timedelta(days=longest) if longest is not None else None
        if last is not None and link.expires_at is not None and link.expires_at > last:
            found.add("link_longest_days")
        return found

    def is_paused(self, link: LinkFact) -> bool:
        broken = self.breaks(link) - {"link_longest_days"}
        return bool(broken - {"link_expiry_required"} if self.policy.get("link_longest_days") is not None else broken)

    def is_over(self, link: LinkFact) -> bool:
        longest = self.policy.get("link_longest_days")
        end = link.created_at + timedelta(days=longest) if longest is not None and link.is_external else None
        return any(each is not None and each <= now() for each in (link.expires_at, end))

    def opens(self, link: LinkFact, visitor: User | None) -> bool:
        """For who knows its password, if it has one."""
        if self.is_over(link) or self.is_paused(link) or link.node_id not in self.chains:
            return False
        maker = self.maker_of(link)
        space = self.space_of(link.node_id)
        if maker is None:
            return False
        held = self.granted_along(maker, self.chains[link.node_id])
        if Right.SHARE not in held or link.rights & ~held:
            return False
        if link.audience == "anyone":
            return True
        return visitor is not None and (link.audience == "signed_in" or self.members[visitor.pk][0] == space.team_id)


def acting_world(seed: int) -> ActingWorld:
    world = ActingWorld(random.Random(seed), make_owner(seed))
    make_people(world, seed)
    make_spaces(world, seed)
    grant_at_random(world, links=())
    world.groups = list(Group.objects.filter(team=world.owner.membership.team).values_list("pk", flat=True))
    for user in world.with_factor:
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    world.read()
    return world


_LINKS = ("pk", "token", "node_id", "role", "allow_download", "password", "expires_at", "audience", "created_by_id")
_GRANTS = ("pk", "node_id", "role", "can_download", "can_share", "expires_at", "user_id", "group_id", "team_id")


def _read(world: ActingWorld) -> Iterator[tuple[str, frozenset[tuple[Any, ...]]]]:
    spaces, team = [space.pk for space in world.spaces], world.owner.membership.team_id
    people = [user.pk for user in world.users]

    def rows(model: type[Model], *columns: str, **wanted: Any) -> frozenset[tuple[Any, ...]]:
        return frozenset(model._default_manager.filter(**wanted).values_list(*columns))

    node = {"node__space__in": spaces}
    yield "spaces", rows(Space, "pk", "is_open", "archived_at", pk__in=spaces)
    yield "nodes", rows(Node, "pk", "space_id", "parent_id", "name", "version_id", space__in=spaces, target_id=None)
    yield "trash", rows(TrashItem, "pk", "node_id", "parent_id_before", "space_id", space__in=spaces)
    yield "grants", rows(Grant, *_GRANTS, "link_id", "created_by_id", space__in=spaces)
    yield "restrictions", rows(Restriction, "node_id", space__in=spaces)
    yield "links", rows(Link, *_LINKS, "created_at", revoked_at=None, **node)
    yield "comments", rows(Comment, "pk", "node_id", "author_id", **node)
    yield "locks", rows(NodeLock, "node_id", "holder_id", space__in=spaces)
    yield "groups", rows(GroupMember, "group_id", "user_id", group__team=team)
    yield "members", rows(Membership, "user_id", "team_id", "role", "user__is_active", user__in=people)
    policy = TeamPolicy.objects.filter(team=team).values_list(*(name for name in SETTINGS if "domains" not in name))
    yield "policy", frozenset(policy)
