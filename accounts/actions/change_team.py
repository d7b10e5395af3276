"""Rename a team, or give it more or fewer seats."""

from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import NotAllowed, TeamNotFound
from accounts.models import Role, Team
from accounts.names import clean_name
from accounts.permissions import is_administrator, require_administrator, require_team_manager
from accounts.teams import clean_seats, managing

SAME = object()
"""Stands for seats that stay as they are."""


def change_team(actor: Actor, *, team_id: int, name: str | None = None, seats: "int | object | None" = SAME) -> Team:
    """Owners rename their team; seats (None is no limit) are for administrators of the installation, as any team is.

    Fewer seats than people only keep further ones out. Raises TeamNotFound, InvalidName, InvalidSeats, NotAllowed,
    AccountNotFound, ScopeMissing.
    """
    _require_right(actor, team_id, seats)
    new_name = None if name is None else clean_name(name)
    new_seats = seats if seats is SAME else clean_seats(seats)
    with managing(actor, team_id) as actor:
        _require_right(actor, team_id, seats)
        team = Team.objects.filter(pk=team_id).first()
        if team is None:
            raise TeamNotFound
        before = {"name": team.name, "seats": team.seats}
        team.name = team.name if new_name is None else new_name
        if new_seats is not SAME:
            team.seats = new_seats  # type: ignore[assignment]
        after = {"name": team.name, "seats": team.seats}
        if after != before:
            team.save(update_fields=["name", "seats"])
            record(actor, "team.change", team.name, of_team=team.pk, before=before, after=after)
    return team


def _require_right(actor: Actor, team_id: int, seats: object) -> None:
    if seats is not SAME:
        require_administrator(actor)
    require_team_manager(actor, team_id)
    if not (is_administrator(actor) or actor.role == Role.OWNER):
        raise NotAllowed
