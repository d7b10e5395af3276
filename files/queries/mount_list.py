"""Whose mounts differ from what they may see, and the list of somebody's mounts, hidden ones included."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.actor import READ, Actor
from accounts.permissions import require_scope
from common.clock import now
from files import sql_rows
from files.access.compute import access_in_spaces, facts_of
from files.access.rights import RIGHTS, Right
from files.access.spaces import visible_spaces
from files.models import Mount, Space, SpaceKind
from files.queries.located import LocatedNode
from files.queries.mounts import MAXIMUM_MOUNTS, Mounts
from files.queries.tree import get_space

_SEES = tuple(str(role) for role, rights in RIGHTS.items() if Right.VIEW in rights)
# What `mountable` gives, for everybody: a member of the team sees the top of its open spaces, and of the others those
# that they, a group of theirs, or the team were granted a role on.
_WANTED = """
SELECT m.user_id AS user_id, s.root_id AS target_id FROM accounts_membership m
JOIN accounts_user u ON u.id = m.user_id JOIN files_space h ON h.owner_id = m.user_id AND h.kind = 'home'
JOIN files_space s ON s.team_id = m.team_id AND s.kind = 'team' AND s.root_id IS NOT NULL
WHERE u.is_active AND s.deleted_at IS NULL AND (s.is_open OR EXISTS (
  SELECT 1 FROM files_grant g WHERE g.node_id = s.root_id AND g.role IN ({roles})
  AND (g.expires_at IS NULL OR g.expires_at > %s)
  AND (g.user_id = m.user_id OR g.team_id = m.team_id OR g.group_id IN (
    SELECT gm.group_id FROM accounts_groupmember gm WHERE gm.user_id = m.user_id))))
"""
# A space that has lost its top is not gone: what cannot be found at this moment is 503, and its mount stays.
_HELD = (
    "SELECT m.user_id, m.target_id FROM files_mount m LEFT JOIN files_space s ON s.id = m.space_id "
    "WHERE s.id IS NULL OR s.root_id IS NOT NULL"
)
# What the release before does to rows that it takes for empty folders (files.actions.mounts), and a wrong count.
_STRAYS = """
SELECT m.user_id FROM files_mount m JOIN files_space h ON h.owner_id = m.user_id AND h.kind = 'home'
LEFT JOIN files_node n ON n.id = m.node_id
WHERE m.node_id IS NOT NULL AND (n.id IS NULL OR n.parent_id IS NULL OR n.space_id <> h.id
  OR EXISTS (SELECT 1 FROM files_node c WHERE c.parent_id = n.id))
UNION ALL
SELECT m.user_id FROM files_mount m JOIN files_space h ON h.owner_id = m.user_id AND h.kind = 'home'
GROUP BY m.user_id, h.mounts HAVING COUNT(m.node_id) <> h.mounts
"""
_DIFFERENT = (
    "WITH wanted AS ({wanted}), held AS ({held}), "
    "at_limit AS (SELECT user_id FROM held GROUP BY user_id HAVING COUNT(*) >= %s) "
    "SELECT DISTINCT user_id FROM ("
    "SELECT user_id FROM (SELECT user_id, target_id FROM wanted EXCEPT SELECT user_id, target_id FROM held) missing "
    "WHERE user_id NOT IN (SELECT user_id FROM at_limit) "
    "UNION ALL SELECT user_id FROM (SELECT user_id, target_id FROM held EXCEPT SELECT user_id, target_id FROM wanted) "
    "gone UNION ALL SELECT user_id FROM ({strays}) strays) different ORDER BY user_id LIMIT %s"
)


def users_to_reconcile(limit: int = 500) -> list[int]:
    """Those who lack a mount that they should have, or have one that they should not. One query over everybody."""
    wanted = _WANTED.format(roles=", ".join(["%s"] * len(_SEES)))
    parameters: list[Any] = [*_SEES, sql_rows.adapt_time(now()), MAXIMUM_MOUNTS, limit]
    return [pk for (pk,) in sql_rows.fetch(_DIFFERENT.format(wanted=wanted, held=_HELD, strays=_STRAYS), parameters)]


def mountable(actor: Actor) -> dict[int, Space]:
    """The team spaces that a person sees from the top on, by their roots, in the order in which they came."""
    rows = Space.objects.filter(visible_spaces(actor), kind=SpaceKind.TEAM).exclude(root=None).order_by("pk")
    spaces = list(rows)
    rules = access_in_spaces(actor, [facts_of(space) for space in spaces])
    return {
        space.root_id: space
        for space in spaces
        if space.root_id is not None and Right.VIEW in rules[space.pk].along([space.root_id]).rights
    }


@dataclass(frozen=True, slots=True)
class MountEntry:
    """`place` is None for one that is hidden."""

    row: Mount
    space: Space
    place: LocatedNode | None


def list_mounts(actor: Actor) -> Sequence[MountEntry]:
    """The actor's own, by the names of what they stand for; only those to which they have access."""
    require_scope(actor, READ)
    home = get_space(actor, None)
    mounts, seen = Mounts(actor, home), mountable(actor)
    rows = Mount.objects.filter(user_id=actor.user_id or 0, target_id__in=list(seen))
    found = [MountEntry(row, seen[row.target_id], _place(mounts, row)) for row in rows]
    return sorted(found, key=lambda entry: (entry.space.name, entry.row.pk))


def _place(mounts: Mounts, row: Mount) -> LocatedNode | None:
    return None if row.node_id is None else mounts.get(row.node_id)
