"""The one function that says what a principal may do: from the chain of a node's ancestors to an Access.

`access_along` costs nothing in one's own home and one query everywhere else. What it decides is `fold`, which knows no
database, and which `explain` uses as well.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.actor import Actor, PrincipalKind
from accounts.errors import ScopeMissing
from common.clock import now
from files import errors, sql_rows
from files.access.rights import ALL_RIGHTS, NO_RIGHTS, SCOPES, Right, Role, rights_of
from files.models import Space, SpaceKind


@dataclass(frozen=True, slots=True)
class Granted:
    """One grant that a principal has, as the rule needs it."""

    id: int
    node_id: int
    role: str
    can_download: bool = True
    expires_at: datetime | None = None

    @property
    def rights(self) -> Right:
        return rights_of(self.role, can_download=self.can_download)


@dataclass(frozen=True, slots=True)
class Access:
    """What one principal may do with one node. `root_id` is the topmost ancestor (or the node itself) that they may
    see: no path begins above it. `grants` are what the rights come from: none for an owner and for the system.

    `expires_at` is when the first of the grants ends.
    """

    rights: Right = NO_RIGHTS
    root_id: int | None = None
    grants: tuple[int, ...] = ()
    expires_at: datetime | None = None

    def allows(self, right: Right) -> bool:
        return right in self.rights


NO_ACCESS = Access()


def may(actor: Actor, access: Access, right: Right) -> bool:
    """Whether the access has the right, and the actor's token or session the scope for it."""
    return right in access.rights and actor.may(SCOPES[right])


def require(actor: Actor, access: Access, right: Right) -> None:
    """Raises NotFound for what the actor may not even see, ScopeMissing for a token that allows less than its person,
    and Forbidden.
    """
    if right not in access.rights:
        raise errors.Forbidden if Right.VIEW in access.rights else errors.NotFound
    scope = SCOPES[right]
    if not actor.may(scope):
        raise ScopeMissing(scope=scope)


def access_along(actor: Actor, space: Space, chain: Sequence[int]) -> Access:
    """To the last node of `chain`, the ids from the root of the space down to it."""
    whole = access_to_all(actor, space.kind, space.owner_id, chain[0])
    if whole is not None:
        return whole
    granted, restricted = _granted_on(actor, chain)
    return fold(chain, granted, restricted)


def access_to_all(actor: Actor, kind: str, owner_id: int | None, root_id: int) -> Access | None:
    """Of whoever may do everything in a space, or nothing anywhere; None where grants decide. No query."""
    principal = actor.principal.kind
    if principal is PrincipalKind.SYSTEM:
        return Access(ALL_RIGHTS, root_id)
    if principal is PrincipalKind.NOBODY:
        return NO_ACCESS
    if kind == SpaceKind.HOME and owner_id is not None and actor.user_id == owner_id:
        return Access(ALL_RIGHTS, root_id)
    return None


def fold(chain: Sequence[int], granted: Mapping[int, Sequence[Granted]], restricted: Set[int]) -> Access:
    """The rule. Grants add up from the root down; at a restricted folder those from above end, except of managers of
    the space: who manages its root. What is seen begins at the first node from which something is seen without a gap.
    """
    held: list[Granted] = []
    managing = [grant for grant in granted.get(chain[0], ()) if grant.role == Role.MANAGER]
    root_id: int | None = None
    for node_id in chain:
        if node_id in restricted and node_id != chain[0]:
            held = list(managing)
            root_id = root_id if managing else None
        held.extend(grant for grant in granted.get(node_id, ()) if grant.rights)
        if held and root_id is None:
            root_id = node_id
    if not held:
        return NO_ACCESS
    rights = NO_RIGHTS
    for grant in held:
        rights |= grant.rights
    ends = [grant.expires_at for grant in held if grant.expires_at is not None]
    return Access(rights, root_id, tuple(grant.id for grant in held), min(ends, default=None))


_GRANTS = """
SELECT g.id, g.node_id, g.role, g.can_download, g.expires_at FROM files_grant g
WHERE g.node_id IN ({marks}) AND (g.expires_at IS NULL OR g.expires_at > %s) AND ({mine})
UNION ALL
SELECT NULL, r.node_id, NULL, NULL, NULL FROM files_restriction r WHERE r.node_id IN ({marks})
"""
_OF_USER = (
    "g.user_id = %s OR g.team_id = %s OR g.group_id IN (SELECT m.group_id FROM accounts_groupmember m WHERE m.user_id = %s)"
)
_OF_LINK = "g.link_id = %s"


def _granted_on(actor: Actor, chain: Sequence[int]) -> tuple[dict[int, list[Granted]], set[int]]:
    """What the principal holds on these nodes, and which of them are restricted: one query."""
    mine, parameters = _mine(actor)
    marks = ", ".join(["%s"] * len(chain))
    rows = sql_rows.fetch(
        _GRANTS.format(marks=marks, mine=mine), [*chain, sql_rows.adapt_time(now()), *parameters, *chain]
    )
    return _sorted(rows)


def _mine(actor: Actor) -> tuple[str, list[Any]]:
    if actor.principal.kind is PrincipalKind.LINK:
        return _OF_LINK, [actor.principal.id]
    return _OF_USER, [actor.user_id, actor.team_id, actor.user_id]


def _sorted(rows: Iterable[tuple[Any, ...]]) -> tuple[dict[int, list[Granted]], set[int]]:
    granted: dict[int, list[Granted]] = {}
    restricted: set[int] = set()
    for grant_id, node_id, role, can_download, expires_at in rows:
        if grant_id is None:
            restricted.add(node_id)
            continue
        end = None if expires_at is None else sql_rows.aware(expires_at)
        granted.setdefault(node_id, []).append(Granted(grant_id, node_id, role, bool(can_download), end))
    return granted, restricted
