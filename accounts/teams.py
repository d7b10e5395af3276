"""The rules of a team's people, under its lock: it keeps an owner, and has only so many seats."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import InvalidSeats, LastOwner, TeamFull
from accounts.models import AccessToken, Invitation, Membership, Role, Team, User
from accounts.models.invitation import open_now
from accounts.names import NOBODYS
from accounts.unit_of_work import Lock, unit_of_work

MAXIMUM_SEATS = 1_000_000


@contextmanager
def managing(actor: Actor, team_id: int, *user_ids: int, also_team: int | None = None) -> Iterator[Actor]:
    """A unit of work under the lock of everything that counts a team's people, and of those who are to be changed.

    The team first (`also_team`: another one that somebody leaves or joins), then the people together with who acts,
    then the token that acts: two who stop each other at the same moment wait for each other here, and the second finds
    itself stopped.
    """
    people = Lock(User, actor.user_id, *user_ids) if user_ids else Lock(User, actor.user_id, share=True)
    locks = Lock(Team, team_id, also_team), people, Lock(AccessToken, actor.token_id, share=True)
    with unit_of_work(actor, *locks) as acting:
        yield acting


def clean_seats(seats: object) -> int | None:
    """Raises InvalidSeats."""
    if seats is None:
        return None
    if isinstance(seats, bool) or not isinstance(seats, int) or not 1 <= seats <= MAXIMUM_SEATS:
        raise InvalidSeats
    return seats


def present(members: "QuerySet[Membership]") -> "QuerySet[Membership]":
    """Without accounts that were deleted: their rows stay for the journals, and are nobody's."""
    return members.filter(deletion_began_at=None).exclude(user__email__endswith=NOBODYS)


def people_of(team_id: int) -> "QuerySet[Membership]":
    """Active and stopped ones."""
    return present(Membership.objects.filter(team_id=team_id))


def seats_taken(team: Team, *, besides: Invitation | None = None) -> int:
    """By somebody active, or kept by an open invitation (other than `besides`)."""
    invited = open_now(Invitation.objects.filter(team=team))
    if besides is not None:
        invited = invited.exclude(pk=besides.pk)
    return Membership.objects.filter(team=team, user__is_active=True).count() + invited.count()


def require_free_seat(team: Team, *, besides: Invitation | None = None) -> None:
    """Raises TeamFull."""
    if team.seats is not None and seats_taken(team, besides=besides) >= team.seats:
        raise TeamFull(seats=team.seats)


def require_seat_for_new(team: Team, *, besides: Invitation | None = None) -> None:
    """A free seat for an account that is yet to be made. Stopping people frees seats at once, and only so often: as
    many stopped accounts as seats wait to be deleted. Raises TeamFull.
    """
    require_free_seat(team, besides=besides)
    if team.seats is None:
        return
    stopped = people_of(team.pk).filter(user__is_active=False).count()
    if stopped >= team.seats:
        message = _("The team has as many stopped accounts as seats. Remove them: they are deleted after a while.")
        raise TeamFull(message, seats=team.seats, stopped=stopped)


def require_owner_for(team: Team, role: str | None) -> None:
    """Nobody joins, or comes back into, a team without an owner, but an owner. Raises LastOwner."""
    owners = Membership.objects.filter(team=team, role=Role.OWNER, user__is_active=True)
    if role != Role.OWNER and not owners.exists():
        raise LastOwner(_("This team has no owner who can sign in. Give it one first."))


def is_last_owner(member: Membership) -> bool:
    """Whether nobody else who can sign in owns the team."""
    others = Membership.objects.filter(team_id=member.team_id, role=Role.OWNER, user__is_active=True)
    return member.role == Role.OWNER and not others.exclude(pk=member.pk).exists()
