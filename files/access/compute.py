"""The one function that says what a principal may do: from the chain of a node's ancestors to an Access.

It costs nothing in one's own home and one query everywhere else. What it decides is `fold`, which knows no database,
and which `explain` uses as well.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from accounts.actor import NOBODY, Actor, Principal, PrincipalKind
from accounts.errors import ScopeMissing
from accounts.models import Role as TeamRole
from common.clock import now
from files import errors, sql_rows
from files.access.rights import ALL_RIGHTS, NO_RIGHTS, READING, SCOPES, Right, Role, rights_of
from files.models import Space, SpaceKind

IMPLICIT = 0  # the id of what nobody granted: an open space is its team's


class SpaceFacts(NamedTuple):
    """What the rule needs to know of a space."""

    id: int
    kind: str
    owner_id: int | None
    team_id: int
    is_open: bool
    is_archived: bool = False
    is_deleted: bool = False


def facts_of(space: Space) -> SpaceFacts:
    archived, deleted = space.archived_at is not None, space.deleted_at is not None
    return SpaceFacts(space.pk, space.kind, space.owner_id, space.team_id, space.is_open, archived, deleted)


@dataclass(frozen=True, slots=True)
class Granted:
    """One grant that a principal has, as the rule needs it."""

    id: int
    node_id: int
    role: str
    can_download: bool = True
    expires_at: datetime | None = None
    can_share: bool = True

    @property
    def rights(self) -> Right:
        return rights_of(self.role, can_download=self.can_download, can_share=self.can_share)


class Elsewhere(tuple[tuple[int, Right], ...]):
    """Restricted folders, with the rights there. The accesses to all nodes of a space that are not in one of them share
    this value, and what is made of it: there may be a thousand folders in it, and a thousand nodes on a page.
    """

    @cached_property
    def rights(self) -> dict[int, Right]:
        """By the id of the folder."""
        return dict(self)

    @cached_property
    def _closed(self) -> dict[Right, frozenset[int]]:
        return {}

    def closed_to(self, right: Right) -> frozenset[int]:
        if right not in self._closed:
            self._closed[right] = frozenset(node_id for node_id, rights in self if right not in rights)
        return self._closed[right]

    @cached_property
    def seen(self) -> "tuple[tuple[int, Right], ...]":
        """Those that one sees."""
        return tuple((node_id, rights) for node_id, rights in self if Right.VIEW in rights)

    def without(self, node_ids: Collection[int]) -> "Elsewhere":
        return Elsewhere(pair for pair in self if pair[0] not in node_ids)


NOTHING_ELSEWHERE = Elsewhere()


@dataclass(frozen=True, slots=True)
class Access:
    """What one principal may do with one node. `root_id` is the topmost ancestor (or the node itself) from which on
    they see all of the way to it: no path begins above it. Who sees nothing has the first that something is granted on.
    `grants` are what the rights come from: none for an owner and for the system.

    It is that of `holder`, and of nobody else. `scopes` are those of the token or the session. `elsewhere` are the
    restricted folders that are not on the way to the node, with the rights there: empty for who manages the space.
    `expires_at` is when the first of the grants ends. `withheld` are rights that an archived space lets nobody use.
    """

    holder: Principal = NOBODY
    rights: Right = NO_RIGHTS
    root_id: int | None = None
    grants: tuple[int, ...] = ()
    scopes: frozenset[str] = frozenset()
    elsewhere: Elsewhere = NOTHING_ELSEWHERE
    expires_at: datetime | None = None
    withheld: Right = NO_RIGHTS

    def closed_to(self, right: Right) -> frozenset[int]:
        """Restricted folders, further down or elsewhere, below which one does not have the right."""
        return self.elsewhere.closed_to(right)

    def rights_at(self, node_id: int) -> Right:
        """In what lies directly in the node: a restricted folder has its own."""
        return self.elsewhere.rights.get(node_id, self.rights)

    @property
    def nearest_grant(self) -> int | None:
        """The id of the grant nearest to the node of those that the rights come from; None where nobody granted it."""
        return self.grants[-1] or None if self.grants else None

    @property
    def hidden(self) -> frozenset[int]:
        """Those of which nothing may be shown."""
        return self.closed_to(Right.VIEW)

    def sees_all(self, root_id: int | None) -> bool:
        """Whether nothing in the space is hidden, of which this is the root."""
        return self.root_id == root_id and not self.hidden

    @property
    def usable(self) -> Right:
        """The rights that the token or the session lets one use."""
        rights = NO_RIGHTS
        for right in Right:
            if self.allows(right):
                rights |= right
        return rights

    def allows(self, right: Right) -> bool:
        return right in self.rights and SCOPES[right] in self.scopes

    def require(self, right: Right) -> None:
        """Raises NotFound for what may not even be seen, Forbidden, and ScopeMissing for a token that allows less than
        its person.
        """
        if right in self.withheld:
            raise errors.SpaceArchived
        if right not in self.rights:
            raise errors.Forbidden if Right.VIEW in self.rights else errors.NotFound
        scope = SCOPES[right]
        if scope not in self.scopes:
            raise ScopeMissing(scope=scope)


NO_ACCESS = Access()


class SpaceAccess:
    """What one actor may do in one space: asked as often as one likes, for one query at most."""

    def __init__(self, actor: Actor, space: SpaceFacts) -> None:
        self._actor, self._space = actor, space
        self._found: _Found | None = None
        self._elsewhere: Elsewhere | None = None

    def along(self, chain: Sequence[int]) -> Access:
        """To the last node of `chain`, the ids from the root of the space down to it."""
        whole = access_to_all(self._actor, self._space, chain[0])
        if whole is not None:
            return whole
        granted, restricted = self._rules()
        if self._elsewhere is None:
            self._elsewhere = elsewhere_of(self._space, restricted, granted)
        return fold(self._actor, self._space, chain, granted, restricted, self._elsewhere)

    def has_any(self, root_id: int) -> bool:
        """Whether there is anything in the space that the actor may do something with."""
        whole = access_to_all(self._actor, self._space, root_id)
        if whole is not None:
            return whole != NO_ACCESS
        return bool(implicit(self._actor, self._space, root_id) or self._rules()[0])

    def marks(self, root_id: int) -> tuple[frozenset[int], frozenset[int]]:
        """Nodes from which on the actor sees what is below, and those from which on nothing: of both the nearest above
        a node, or itself, says whether they see it.
        """
        whole = access_to_all(self._actor, self._space, root_id)
        if whole is not None:
            return frozenset({root_id} if Right.VIEW in whole.rights else ()), frozenset()
        granted, restricted = self._rules()
        seen = {pk for pk, grants in granted.items() if any(Right.VIEW in grant.rights for grant in grants)}
        of_root = [*implicit(self._actor, self._space, root_id), *granted.get(root_id, ())]
        if any(Right.VIEW in grant.rights for grant in of_root):
            seen.add(root_id)
        if any(grant.role == Role.MANAGER for grant in of_root):
            return frozenset(seen), frozenset()
        return frozenset(seen), frozenset(restricted - seen)

    def is_even(self, root_id: int) -> bool:
        """Whether it is the same everywhere in the space, so that nobody needs to know the way to a node."""
        if access_to_all(self._actor, self._space, root_id) is not None:
            return True
        granted, restricted = self._rules()
        return not restricted and granted.keys() <= {root_id}

    def knows(self, found: "_Found") -> None:
        """What is granted in the space has been read together with that of others."""
        self._found, self._elsewhere = found, None

    def _rules(self) -> "_Found":
        if self._found is None:
            self._found = _granted(self._actor, self._space)
        return self._found


def access_in_spaces(actor: Actor, spaces: Sequence[SpaceFacts]) -> dict[int, SpaceAccess]:
    """By the id of the space what the actor may do in each: one query for all of them together, or none."""
    found = {space.id: SpaceAccess(actor, space) for space in spaces}
    if spaces:
        rules = _granted_in(actor, spaces)
        for space_id, access in found.items():
            access.knows(rules[space_id])
    return found


def access_along(actor: Actor, space: Space, chain: Sequence[int]) -> Access:
    """For a single node: see SpaceAccess."""
    return SpaceAccess(actor, facts_of(space)).along(chain)


def access_to_all(actor: Actor, space: SpaceFacts, root_id: int) -> Access | None:
    """Of whoever may do everything in a space, or nothing anywhere; None where grants decide. No query."""
    principal = actor.principal.kind
    if principal is PrincipalKind.SYSTEM:
        return Access(actor.principal, ALL_RIGHTS, root_id, scopes=actor.scopes)
    if principal is PrincipalKind.NOBODY or space.is_deleted:
        return NO_ACCESS
    if space.kind == SpaceKind.HOME and space.owner_id is not None and actor.user_id == space.owner_id:
        return Access(actor.principal, ALL_RIGHTS, root_id, scopes=actor.scopes)
    return None


def fold(
    actor: Actor,
    space: SpaceFacts,
    chain: Sequence[int],
    granted: Mapping[int, Sequence[Granted]],
    restricted: Set[int],
    elsewhere: Elsewhere | None = None,
) -> Access:
    """What one principal holds at the end of the chain, from what they are granted anywhere in the space. `elsewhere`:
    what `elsewhere_of` says of it, for who asks of many chains.
    """
    granted = {**granted, chain[0]: [*implicit(actor, space, chain[0]), *granted.get(chain[0], ())]}
    held: list[Granted] = []
    top: int | None = None  # where what they see begins without a gap
    for node_id, held in _on_the_way(chain, granted, restricted):
        sees = any(Right.VIEW in grant.rights for grant in held)
        top = (node_id if top is None else top) if sees else None
    if not held:
        return NO_ACCESS
    rights = NO_RIGHTS
    for grant in held:
        rights |= grant.rights
    ends = [grant.expires_at for grant in held if grant.expires_at is not None]
    manages = any(grant.role == Role.MANAGER for grant in granted[chain[0]])
    if manages:
        elsewhere = NOTHING_ELSEWHERE
    else:
        elsewhere = elsewhere_of(space, restricted, granted) if elsewhere is None else elsewhere
        on_the_way = restricted & set(chain)
        elsewhere = elsewhere.without(on_the_way) if on_the_way else elsewhere
    ids = tuple(grant.id for grant in held)
    end = min(ends, default=None)
    usable = in_space(space, rights)
    root_id = held[0].node_id if top is None else top
    return Access(actor.principal, usable, root_id, ids, actor.scopes, elsewhere, end, rights & ~usable)


def in_space(space: SpaceFacts, rights: Right) -> Right:
    """Those that the state of the space leaves of what is granted: an archived one is there to be read."""
    return rights & READING if space.is_archived else rights


def surviving(chain: Sequence[int], granted: Mapping[int, Sequence[Granted]], restricted: Set[int]) -> list[Granted]:
    """The rule: the grants that hold at the end of the chain, the topmost first. They add up from the root down; at a
    restricted folder those from above end, except of managers of the space: who manages its root.
    """
    *_, (_, held) = _on_the_way(chain, granted, restricted)
    return held


def _on_the_way(
    chain: Sequence[int], granted: Mapping[int, Sequence[Granted]], restricted: Set[int]
) -> Iterator[tuple[int, list[Granted]]]:
    """At each node of the chain the grants that hold there."""
    held: list[Granted] = []
    for node_id in chain:
        if node_id in restricted and node_id != chain[0]:
            held = [grant for grant in held if grant.node_id == chain[0] and grant.role == Role.MANAGER]
        held = [*held, *(grant for grant in granted.get(node_id, ()) if grant.rights)]
        yield node_id, held


def implicit(actor: Actor, space: SpaceFacts, root_id: int) -> list[Granted]:
    """What nobody has to grant: the members of a team edit its open spaces, its owners and admins manage them."""
    mine = actor.principal.kind is PrincipalKind.USER and actor.team_id == space.team_id
    if space.kind != SpaceKind.TEAM or not space.is_open or not mine:
        return []
    manages = actor.role in (TeamRole.OWNER, TeamRole.ADMIN)
    return [Granted(IMPLICIT, root_id, Role.MANAGER if manages else Role.EDITOR)]


def elsewhere_of(space: SpaceFacts, restricted: Set[int], granted: Mapping[int, Sequence[Granted]]) -> Elsewhere:
    """At a restricted folder only what is granted on itself counts, of whatever is above it."""
    found = []
    for node_id in sorted(restricted):
        rights = NO_RIGHTS
        for grant in granted.get(node_id, ()):
            rights |= grant.rights
        found.append((node_id, in_space(space, rights)))
    return Elsewhere(found) if found else NOTHING_ELSEWHERE


_RULES = """
SELECT g.space_id, g.node_id, g.id, g.role, g.can_download, g.can_share, g.expires_at FROM files_grant g
WHERE g.space_id IN ({spaces}) AND (g.expires_at IS NULL OR g.expires_at > %s) AND ({mine})
UNION ALL
SELECT r.space_id, r.node_id, NULL, NULL, NULL, NULL, NULL FROM files_restriction r WHERE r.space_id IN ({spaces})
"""
_OF_USER = (
    "g.user_id = %s OR g.team_id = %s "
    "OR g.group_id IN (SELECT m.group_id FROM accounts_groupmember m WHERE m.user_id = %s)"
)
_OF_LINK = "g.link_id = %s"
_Found = tuple[dict[int, list[Granted]], set[int]]


def _granted(actor: Actor, space: SpaceFacts) -> _Found:
    """What the principal holds in the space, by node, and which folders of it are restricted: one query."""
    return _granted_in(actor, [space])[space.id]


def _granted_in(actor: Actor, spaces: Sequence[SpaceFacts]) -> dict[int, _Found]:
    """The same for several spaces, by their ids: one query, or none where nothing can be held."""
    found: dict[int, _Found] = {space.id: ({}, set()) for space in spaces}
    is_user = actor.principal.kind is PrincipalKind.USER
    # Who has left the team, or never was in it, holds nothing in its spaces.
    ids = [space.id for space in spaces if not is_user or actor.team_id == space.team_id]
    if not ids:
        return found
    mine, parameters = _mine(actor)
    moment, marks = sql_rows.adapt_time(now()), ", ".join(["%s"] * len(ids))
    rows = sql_rows.fetch(_RULES.format(mine=mine, spaces=marks), [*ids, moment, *parameters, *ids])
    of_space: dict[int, list[tuple[Any, ...]]] = {}
    for space_id, *row in rows:
        of_space.setdefault(space_id, []).append(tuple(row))
    return found | {space_id: _sorted(some) for space_id, some in of_space.items()}


def _mine(actor: Actor) -> tuple[str, list[Any]]:
    if actor.principal.kind is PrincipalKind.LINK:
        return _OF_LINK, [actor.principal.id]
    return _OF_USER, [actor.user_id, actor.team_id, actor.user_id]


def _sorted(rows: Iterable[tuple[Any, ...]]) -> _Found:
    granted: dict[int, list[Granted]] = {}
    restricted: set[int] = set()
    for node_id, grant_id, role, can_download, can_share, expires_at in rows:
        if grant_id is None:
            restricted.add(node_id)
            continue
        end = None if expires_at is None else sql_rows.aware(expires_at)
        grant = Granted(grant_id, node_id, role, bool(can_download), end, bool(can_share))
        granted.setdefault(node_id, []).append(grant)
    return granted, restricted
