"""Who of some people sees a node: before they are told of it. And whom a text can name."""

from collections.abc import Collection, Iterable

from accounts.models import GroupMember, Membership
from accounts.permissions import TEAM_MANAGERS
from accounts.teams import present
from files.access.explain import SubjectKind, who_reaches
from files.access.rights import Right
from files.queries.tree import LocatedNode


def members_named(team_id: int, *, addresses: Collection[str], user_ids: Collection[int]) -> dict[int, str]:
    """Those of the team, by their ids, with their addresses. Everybody in a team can look up the others in it, so that
    nobody learns from this who is there. One query, or none.
    """
    if not addresses and not user_ids:
        return {}
    members = present(Membership.objects.filter(team_id=team_id, user__is_active=True))
    named = members.filter(user__email__in=addresses) | members.filter(user_id__in=user_ids)
    return dict(named.values_list("user_id", "user__email"))


def who_sees(place: LocatedNode, user_ids: Iterable[int]) -> set[int]:
    """Those among them, by the rule that says what each may do (files/access/explain.py). At most five queries."""
    wanted = set(user_ids)
    if not wanted:
        return set()
    members = present(Membership.objects.filter(team_id=place.space.team_id, user_id__in=wanted, user__is_active=True))
    roles = dict(members.values_list("user_id", "role"))
    found, groups = set[int](), set[int]()
    for reach in who_reaches(place.space, place.chain_ids):
        if Right.VIEW not in reach.rights:
            continue
        if reach.kind in (SubjectKind.OWNER, SubjectKind.USER):
            found.add(reach.subject_id)
        elif reach.kind is SubjectKind.GROUP:
            groups.add(reach.subject_id)
        elif reach.kind is SubjectKind.TEAM:
            found.update(roles)
        elif reach.kind is SubjectKind.MANAGERS:
            found.update(pk for pk, role in roles.items() if role in TEAM_MANAGERS)
    if groups:
        of_groups = GroupMember.objects.filter(group_id__in=groups, user_id__in=roles)
        found.update(of_groups.values_list("user_id", flat=True))
    return found & roles.keys()
