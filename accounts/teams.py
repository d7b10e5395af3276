"""The rules of a team's people, under its lock: it keeps an owner, and has only so many seats."""

from accounts.errors import TeamFull
from accounts.models import Membership, Role, Team


def lock_team(team_id: int) -> Team:
    """The lock of everything that counts a team's people. In the caller's transaction."""
    return Team.objects.select_for_update().get(pk=team_id)


def require_free_seat(team: Team) -> None:
    """Raises TeamFull."""
    taken = Membership.objects.filter(team=team, user__is_active=True).count()
    if team.seats is not None and taken >= team.seats:
        raise TeamFull(seats=team.seats)


def is_last_owner(member: Membership) -> bool:
    """Whether nobody else who can sign in owns the team."""
    others = Membership.objects.filter(team_id=member.team_id, role=Role.OWNER, user__is_active=True)
    return member.role == Role.OWNER and not others.exclude(pk=member.pk).exists()
