"""Whose mounts differ from what they may see, and the list of somebody's mounts, hidden ones included.

Mounted are the tops of what somebody sees: a folder or a file that they see while they do not see the folder that it is
in. That is the root of a team's space, what was granted to them, and what was behind a restricted folder. What they see
further down is reached through these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from accounts.actor import READ, Actor, PrincipalKind
from accounts.permissions import require_scope
from common.clock import now
from files import sql_rows
from files.access.compute import access_in_spaces, facts_of
from files.access.rights import RIGHTS, Right
from files.access.spaces import grants_of, visible_spaces
from files.models import Mount, Node, Space, SpaceKind
from files.queries.located import LocatedNode, ancestors_of
from files.queries.mounts import MAXIMUM_MOUNTS, Mounts
from files.queries.tree import get_space

_SEES = tuple(str(role) for role, rights in RIGHTS.items() if Right.VIEW in rights)
# What `mountable` and `standing` give, for everybody.
#
# holds: who may see a folder or a file by a grant on it, to themselves, a group of theirs or their team, or as a member
#   of the team of an open space on its root. Also where that is in the trash, or in a space that is deleted.
# up: of each of these the folders above it; `cut` where a restricted one lies between, so that what is granted there
#   ends before its parent. A manager of the space is not held up by that.
# wanted: those of them that are live, less those whose parent the same person sees.
_WANTED = """
person(user_id, team_id, manages) AS (
  SELECT m.user_id, m.team_id, CASE WHEN m.role IN ('owner', 'admin') THEN 1 ELSE 0 END
  FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
  JOIN files_space h ON h.owner_id = m.user_id AND h.kind = 'home' WHERE u.is_active),
giving(node_id, space_id, user_id, group_id, team_id, manages) AS (
  SELECT node_id, space_id, user_id, group_id, team_id, CASE WHEN role = 'manager' THEN 1 ELSE 0 END
  FROM files_grant WHERE role IN ({roles}) AND (expires_at IS NULL OR expires_at > %s)),
granted(node_id, space_id, user_id, manages) AS (
  SELECT node_id, space_id, user_id, manages FROM giving WHERE user_id IS NOT NULL
  UNION ALL SELECT g.node_id, g.space_id, m.user_id, g.manages FROM giving g
    JOIN accounts_groupmember m ON m.group_id = g.group_id
  UNION ALL SELECT g.node_id, g.space_id, p.user_id, g.manages FROM giving g JOIN person p ON p.team_id = g.team_id),
holds(user_id, node_id, manages) AS (
  SELECT p.user_id, n.id, g.manages FROM granted g JOIN files_node n ON n.id = g.node_id AND n.space_id = g.space_id
    JOIN files_space s ON s.id = n.space_id JOIN person p ON p.user_id = g.user_id AND p.team_id = s.team_id
  WHERE n.target_id IS NULL AND (s.kind <> 'home' OR s.owner_id <> p.user_id)
  UNION ALL SELECT p.user_id, s.root_id, p.manages FROM files_space s JOIN person p ON p.team_id = s.team_id
  WHERE s.kind = 'team' AND s.is_open AND s.root_id IS NOT NULL),
up(start_id, id, parent_id, cut) AS (
  SELECT n.id, p.id, p.parent_id, 0 FROM (SELECT DISTINCT node_id FROM holds) h
    JOIN files_node n ON n.id = h.node_id JOIN files_node p ON p.id = n.parent_id
  UNION ALL SELECT up.start_id, p.id, p.parent_id, CASE WHEN r.id IS NULL THEN up.cut ELSE 1 END
  FROM up JOIN files_node p ON p.id = up.parent_id LEFT JOIN files_restriction r ON r.node_id = up.id),
live(node_id) AS (
  SELECT root_id FROM files_space WHERE root_id IS NOT NULL AND deleted_at IS NULL
  UNION ALL SELECT up.start_id FROM up JOIN files_space s ON s.root_id = up.id WHERE s.deleted_at IS NULL),
wanted(user_id, target_id) AS (
  SELECT h.user_id, h.node_id FROM holds h JOIN live ON live.node_id = h.node_id
  EXCEPT SELECT h.user_id, h.node_id FROM holds h JOIN up ON up.start_id = h.node_id
    JOIN holds a ON a.node_id = up.id AND a.user_id = h.user_id
  WHERE up.cut = 0 OR (a.manages = 1 AND up.parent_id IS NULL))
"""
# A space that has lost its top is not gone: what cannot be found at this moment is 503, and its mount stays. What
# somebody has hidden stays hidden as long as it is theirs to see, though it is in the trash or reached otherwise now.
# Where there are too many, files give way to spaces and folders: `filled` are those who have no file to give.
_HELD = """
held(user_id, target_id) AS (
  SELECT m.user_id, m.target_id FROM files_mount m LEFT JOIN files_space s ON s.id = m.space_id
  WHERE s.id IS NULL OR s.root_id IS NOT NULL),
rightly(user_id, target_id) AS (
  SELECT user_id, target_id FROM wanted
  UNION SELECT m.user_id, m.target_id FROM files_mount m
    JOIN holds h ON h.user_id = m.user_id AND h.node_id = m.target_id WHERE m.node_id IS NULL),
missing(user_id, target_id) AS (SELECT user_id, target_id FROM wanted EXCEPT SELECT user_id, target_id FROM held),
at_limit(user_id) AS (SELECT user_id FROM files_mount GROUP BY user_id HAVING COUNT(*) >= %s),
filled(user_id) AS (
  SELECT m.user_id FROM files_mount m JOIN files_node t ON t.id = m.target_id
  WHERE t.kind = 0 OR m.node_id IS NULL GROUP BY m.user_id HAVING COUNT(*) >= %s)
"""
# What the release before does to rows that it takes for empty folders (files.actions.mounts), a target that has moved
# to another space, and a wrong count.
_STRAYS = """
SELECT m.user_id FROM files_mount m JOIN files_space h ON h.owner_id = m.user_id AND h.kind = 'home'
LEFT JOIN files_node n ON n.id = m.node_id
WHERE m.node_id IS NOT NULL AND (n.id IS NULL OR n.parent_id IS NULL OR n.space_id <> h.id
  OR EXISTS (SELECT 1 FROM files_node c WHERE c.parent_id = n.id))
UNION ALL
SELECT m.user_id FROM files_mount m JOIN files_node t ON t.id = m.target_id WHERE t.space_id <> m.space_id
UNION ALL
SELECT m.user_id FROM files_mount m JOIN files_space h ON h.owner_id = m.user_id AND h.kind = 'home'
GROUP BY m.user_id, h.mounts HAVING COUNT(m.node_id) <> h.mounts
"""
_DIFFERENT = (
    "WITH RECURSIVE {wanted}, {held} SELECT DISTINCT user_id FROM ("
    "SELECT user_id FROM missing WHERE user_id NOT IN (SELECT user_id FROM at_limit) "
    "UNION ALL SELECT user_id FROM missing JOIN files_node t ON t.id = missing.target_id "
    "WHERE t.kind = 0 AND user_id NOT IN (SELECT user_id FROM filled) "
    "UNION ALL SELECT user_id FROM (SELECT user_id, target_id FROM held EXCEPT SELECT user_id, target_id FROM rightly) "
    "gone UNION ALL SELECT user_id FROM ({strays}) strays) different ORDER BY user_id LIMIT %s"
)


def users_to_reconcile(limit: int = 500) -> list[int]:
    """Those who lack a mount that they should have, or have one that they should not. One query over everybody."""
    wanted = _WANTED.format(roles=", ".join(["%s"] * len(_SEES)))
    parameters: list[Any] = [*_SEES, sql_rows.adapt_time(now()), MAXIMUM_MOUNTS, MAXIMUM_MOUNTS, limit]
    return [pk for (pk,) in sql_rows.fetch(_DIFFERENT.format(wanted=wanted, held=_HELD, strays=_STRAYS), parameters)]


@dataclass(frozen=True, slots=True)
class Mountable:
    """What belongs into somebody's home. `name` is its own, or that of the space of which it is the root."""

    space: Space
    name: str
    kind: int


def mountable(actor: Actor) -> dict[int, Mountable]:
    """The tops of all that a person sees, but for what is in their own home, by their ids: roots of spaces first,
    then folders, each in the order in which they came. Four queries.
    """
    spaces = _spaces(actor)
    rules = access_in_spaces(actor, [facts_of(space) for space in spaces])
    granted = {pk: space for space in spaces for pk in rules[space.pk].marks(space.root_id or 0)[0]}
    nodes = Node.objects.filter(target_id=None).in_bulk(list(granted))
    found: dict[int, Mountable] = {}
    for pk, above in ancestors_of(nodes).items():
        space, chain = granted[pk], [*(step.id for step in above), pk]
        access = rules[space.pk].along(chain)
        is_live = chain[0] == space.root_id and nodes[pk].space_id == space.pk
        if is_live and Right.VIEW in access.rights and access.root_id == pk:
            found[pk] = Mountable(space, nodes[pk].name or space.name, nodes[pk].kind)
    return dict(sorted(found.items(), key=lambda item: (item[1].space.root_id != item[0], item[1].kind, item[0])))


def _spaces(actor: Actor) -> list[Space]:
    """In which the person sees something, but for their home."""
    if actor.principal.kind is not PrincipalKind.USER or actor.team_id is None:
        return []
    seen = Q(visible_spaces(actor), kind=SpaceKind.TEAM)
    granted = Q(team_id=actor.team_id, deleted_at=None, pk__in=grants_of(actor).values("space_id"))
    rows = Space.objects.filter(seen | granted).exclude(root=None)
    return list(rows.exclude(kind=SpaceKind.HOME, owner_id=actor.user_id).order_by("pk"))


def standing(actor: Actor) -> set[int]:
    """What a person may see by what was granted on it, whatever has become of them: those in the trash
    and in deleted spaces too, and those that they reach otherwise. What of these is hidden stays so.
    """
    if actor.principal.kind is not PrincipalKind.USER or actor.team_id is None:
        return set()
    there = {"space__team_id": actor.team_id, "node__space_id": F("space_id")}
    grants = grants_of(actor).filter(role__in=_SEES, **there)
    spaces = Space.objects.filter(kind=SpaceKind.TEAM, team_id=actor.team_id, is_open=True).exclude(root=None)
    roots = spaces.values_list("root_id", flat=True)
    return {*grants.values_list("node_id", flat=True), *(pk for pk in roots if pk is not None)}


@dataclass(frozen=True, slots=True)
class MountEntry:
    """`name` is that of what it stands for; `place` is None for one that is hidden."""

    row: Mount
    space: Space
    name: str
    place: LocatedNode | None


def list_mounts(actor: Actor) -> Sequence[MountEntry]:
    """The actor's own, by the names of what they stand for; only those to which they have access."""
    require_scope(actor, READ)
    home = get_space(actor, None)
    mounts, seen = Mounts(actor, home), mountable(actor)
    rows = Mount.objects.filter(user_id=actor.user_id or 0, target_id__in=list(seen))
    found = [_entry(row, seen[row.target_id], mounts) for row in rows]
    return sorted(found, key=lambda entry: (entry.name, entry.row.pk))


def _entry(row: Mount, stands_for: Mountable, mounts: Mounts) -> MountEntry:
    place = None if row.node_id is None else mounts.get(row.node_id)
    return MountEntry(row, stands_for.space, stands_for.name, place)
