"""Who reaches a node and why: the rule of `compute` read the other way round."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from common.clock import now
from files.access.compute import IMPLICIT, Access, Granted, facts_of, in_space, surviving
from files.access.rights import ALL_RIGHTS, SCOPES, Right, Role
from files.models import Grant, Restriction, Space, SpaceKind


class SubjectKind(StrEnum):
    """Who can reach a node: what a grant is for, and who needs none."""

    OWNER = "owner"  # of a home
    USER = "user"
    GROUP = "group"
    TEAM = "team"
    MANAGERS = "team_managers"  # owners and admins of the team of an open space
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Reach:
    """One subject that reaches the node. `node_id` is the folder (or the file) that `role` was granted on; `grant_id`
    is None for what nobody has to grant.
    """

    kind: SubjectKind
    subject_id: int
    name: str
    role: Role
    rights: Right
    node_id: int
    grant_id: int | None
    expires_at: datetime | None


class Reason(StrEnum):
    """Why one does not have a right oneself."""

    NOT_GRANTED = "not_granted"
    SCOPE = "scope"  # the person has it, the token that was shown has not
    ARCHIVED = "archived"  # nobody has it while the space is archived


def missing_rights(access: Access) -> dict[Right, Reason]:
    """Of the actor whose access it is."""
    found: dict[Right, Reason] = {}
    for right in Right:
        if right in access.withheld:
            found[right] = Reason.ARCHIVED
        elif right not in access.rights:
            found[right] = Reason.NOT_GRANTED
        elif SCOPES[right] not in access.scopes:
            found[right] = Reason.SCOPE
    return found


def who_reaches(space: Space, chain: Sequence[int]) -> list[Reach]:
    """Everybody who reaches the last node of the chain, the topmost grant first. Two queries."""
    found = [*_without_grants(space, chain[0])]
    rows = {row.pk: row for row in _grants_on(chain, space.team_id)}
    by_node: dict[int, list[Granted]] = {}
    for row in rows.values():
        grant = Granted(row.pk, row.node_id, row.role, row.can_download, row.expires_at, row.can_share)
        by_node.setdefault(row.node_id, []).append(grant)
    open_to = [Granted(IMPLICIT, chain[0], reach.role) for reach in found if reach.kind is not SubjectKind.OWNER]
    by_node[chain[0]] = [*open_to, *by_node.get(chain[0], [])]
    restricted = set(Restriction.objects.filter(node_id__in=chain).values_list("node_id", flat=True))
    held = surviving(chain, by_node, restricted)
    roles = {grant.role for grant in held if grant.id == IMPLICIT}
    found = [reach for reach in found if reach.kind is SubjectKind.OWNER or reach.role in roles]
    found += [_reach(rows[grant.id], grant) for grant in held if grant.id != IMPLICIT]
    facts = facts_of(space)
    return [replace(reach, rights=in_space(facts, reach.rights)) for reach in found]


def _without_grants(space: Space, root_id: int) -> list[Reach]:
    """The owner of a home; the members of the team of an open space, and who manages that team."""
    if space.kind == SpaceKind.HOME:
        owner = space.owner
        assert owner is not None
        kind, name = SubjectKind.OWNER, owner.get_full_name()
        return [Reach(kind, owner.pk, name, Role.MANAGER, ALL_RIGHTS, root_id, None, None)]
    if not space.is_open:
        return []
    team = space.team
    return [
        Reach(kind, team.pk, team.name, role, Granted(IMPLICIT, root_id, role).rights, root_id, None, None)
        for kind, role in ((SubjectKind.TEAM, Role.EDITOR), (SubjectKind.MANAGERS, Role.MANAGER))
    ]


def _grants_on(chain: Sequence[int], team_id: int) -> list[Grant]:
    """Without those of people who have left the team."""
    holds = Q(expires_at=None) | Q(expires_at__gt=now())
    there = Q(user=None) | Q(user__membership__team_id=team_id, user__is_active=True)
    rows = Grant.objects.filter(holds, there, node_id__in=chain).select_related("user", "group", "team")
    return list(rows.order_by("pk"))


def _reach(row: Grant, grant: Granted) -> Reach:
    kind, subject_id, name = SubjectKind.LINK, row.link_id or 0, ""
    if row.user is not None:
        kind, subject_id, name = SubjectKind.USER, row.user.pk, row.user.get_full_name()
    elif row.group is not None:
        kind, subject_id, name = SubjectKind.GROUP, row.group.pk, row.group.name
    elif row.team is not None:
        kind, subject_id, name = SubjectKind.TEAM, row.team.pk, row.team.name
    return Reach(kind, subject_id, name, Role(row.role), grant.rights, row.node_id, row.pk, row.expires_at)


def is_shown_with(access: Access) -> bool:
    """Who else reaches a node is for those who may share it or manage it, while it is archived too."""
    return bool((access.rights | access.withheld) & (Right.SHARE | Right.MANAGE))
