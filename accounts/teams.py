"""The rules of a team's people, under its lock: it keeps an owner, and has only so many seats."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.actor import Actor
from accounts.errors import TeamFull
from accounts.models import AccessToken, Membership, Role, Team, User
from accounts.unit_of_work import Lock, unit_of_work


@contextmanager
def managing(actor: Actor, team_id: int, *user_ids: int) -> Iterator[Actor]:
    """A unit of work under the lock of everything that counts a team's people, and of those who are to be changed.

    The team first, then the people together with who acts, then the token that acts: two who stop each other at the
    same moment wait for each other here, and the second finds itself stopped.
    """
    people = Lock(User, actor.user_id, *user_ids) if user_ids else Lock(User, actor.user_id, share=True)
    with unit_of_work(actor, Lock(Team, team_id), people, Lock(AccessToken, actor.token_id, share=True)) as acting:
        yield acting


def require_free_seat(team: Team) -> None:
    """Raises TeamFull."""
    taken = Membership.objects.filter(team=team, user__is_active=True).count()
    if team.seats is not None and taken >= team.seats:
        raise TeamFull(seats=team.seats)


def is_last_owner(member: Membership) -> bool:
    """Whether nobody else who can sign in owns the team."""
    others = Membership.objects.filter(team_id=member.team_id, role=Role.OWNER, user__is_active=True)
    return member.role == Role.OWNER and not others.exclude(pk=member.pk).exists()
