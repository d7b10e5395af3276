"""Groups of people in a team: make, rename, delete; who is in them. For owners and administrators of the team, and for
administrators of the installation.
"""

from typing import Any

from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import AccountNotFound, GroupExists, LimitReached, TeamNotFound
from accounts.members import access_changed
from accounts.models import Group, GroupMember, Membership, Team
from accounts.names import clean_name
from accounts.permissions import require_administrator, require_own_team
from accounts.queries import group_of, member_of
from accounts.teams import managing

MAXIMUM_GROUPS = 1000  # of a team


def create_group(actor: Actor, *, name: str, team_id: int | None = None) -> Group:
    """In the actor's team; `team_id`, for administrators of the installation, is another one. Raises InvalidName,
    GroupExists, LimitReached, NotAllowed, AccountNotFound, TeamNotFound, ScopeMissing.
    """
    team_id = _team_for_new(actor, team_id)
    name = clean_name(name)
    with managing(actor, team_id) as actor:
        _team_for_new(actor, team_id)
        _require_free(team_id, name)
        if Group.objects.filter(team_id=team_id).count() >= MAXIMUM_GROUPS:
            raise LimitReached(whose="team", what="groups", limit=MAXIMUM_GROUPS)
        group = Group.objects.create(team_id=team_id, name=name)
        record(actor, "group.create", name, of_team=team_id, group=group.pk)
    return group


def rename_group(actor: Actor, *, group_id: int, name: str) -> Group:
    """Raises GroupNotFound, and like create_group."""
    team_id = group_of(actor, group_id).team_id
    name = clean_name(name)
    with managing(actor, team_id) as actor:
        group = group_of(actor, group_id)
        if group.name != name:
            _require_free(team_id, name)
            before, group.name = group.name, name
            group.save(update_fields=["name"])
            record(actor, "group.rename", name, of_team=team_id, group=group.pk, before=before, after=name)
    return group


def delete_group(actor: Actor, *, group_id: int) -> None:
    """The people stay in the team. Raises GroupNotFound, NotAllowed, AccountNotFound, ScopeMissing."""
    team_id = group_of(actor, group_id).team_id
    with managing(actor, team_id) as actor:
        group = group_of(actor, group_id)
        record(actor, "group.delete", group.name, of_team=team_id, group=group.pk)
        group.delete()
        access_changed()


def add_to_group(actor: Actor, *, group_id: int, user_id: int) -> GroupMember:
    """Somebody of the same team, also somebody who is stopped. Twice is the same as once. Raises GroupNotFound,
    AccountNotFound, NotAllowed, ScopeMissing.
    """
    team_id = group_of(actor, group_id).team_id
    with managing(actor, team_id) as actor:
        group, member = group_of(actor, group_id), _in_team(actor, user_id, team_id)
        row, is_new = GroupMember.objects.get_or_create(group=group, user_id=user_id)
        if is_new:
            detail: dict[str, Any] = {"group": group.pk, "user": user_id, "email": member.user.email}
            record(actor, "group.add", group.name, of_team=team_id, **detail)
            access_changed()
    return row


def remove_from_group(actor: Actor, *, group_id: int, user_id: int) -> None:
    """Twice is the same as once. Raises GroupNotFound, AccountNotFound, NotAllowed, ScopeMissing."""
    team_id = group_of(actor, group_id).team_id
    with managing(actor, team_id) as actor:
        group, member = group_of(actor, group_id), _in_team(actor, user_id, team_id)
        if GroupMember.objects.filter(group=group, user_id=user_id).delete()[0]:
            detail: dict[str, Any] = {"group": group.pk, "user": user_id, "email": member.user.email}
            record(actor, "group.remove", group.name, of_team=team_id, **detail)
            access_changed()


def _team_for_new(actor: Actor, team_id: int | None) -> int:
    """The id of the team in which the actor may make a group."""
    if team_id is None or team_id == actor.team_id:
        return require_own_team(actor)
    require_administrator(actor)
    if not Team.objects.filter(pk=team_id).exists():
        raise TeamNotFound
    return team_id


def _in_team(actor: Actor, user_id: int, team_id: int) -> Membership:
    member = member_of(actor, user_id)
    if member.team_id != team_id:  # an administrator of the installation sees others, too
        raise AccountNotFound
    return member


def _require_free(team_id: int, name: str) -> None:
    if Group.objects.filter(team_id=team_id, name=name).exists():
        raise GroupExists(name=name)
