"""accounts.actions.teams.change_team: owners rename, administrators of the installation give seats."""

import pytest

from accounts.actions.teams import change_team
from accounts.errors import AccountNotFound, InvalidName, InvalidSeats, NotAllowed, ScopeMissing, TeamNotFound
from accounts.models import AuditEvent, Role, Team
from tests.support.people import actor_of, make_administrator, make_member, make_user

pytestmark = pytest.mark.django_db


def test_an_owner_renames() -> None:
    owner = make_user()
    team = owner.membership.team
    assert change_team(actor_of(owner), team_id=team.pk, name=" New ").name == "New"
    change_team(actor_of(owner), team_id=team.pk, name="New")
    event = AuditEvent.objects.get(kind="team.change")  # the second time nothing changed
    assert (event.team, event.detail["after"]["name"]) == (team, "New")
    with pytest.raises(InvalidName):
        change_team(actor_of(owner), team_id=team.pk, name=" ")


def test_an_administrator_gives_seats() -> None:
    team, administrator = make_user().membership.team, actor_of(make_administrator())
    assert change_team(administrator, team_id=team.pk, seats=7).seats == 7
    assert change_team(administrator, team_id=team.pk, seats=None).seats is None
    assert change_team(administrator, team_id=team.pk, name="Only the name").seats is None
    with pytest.raises(InvalidSeats):
        change_team(administrator, team_id=team.pk, seats=0)
    with pytest.raises(TeamNotFound):
        change_team(administrator, team_id=10**9, seats=1)


def test_who_may() -> None:
    owner = make_user()
    team_id = owner.membership.team_id
    for person, change, error in (
        (owner, {"seats": 9}, NotAllowed),
        (make_member(owner, Role.ADMIN), {"name": "x"}, NotAllowed),
        (make_member(owner), {"name": "x"}, NotAllowed),
        (make_user(), {"name": "x"}, AccountNotFound),
    ):
        with pytest.raises(error):
            change_team(actor_of(person), team_id=team_id, **change)  # type: ignore[arg-type]
    with pytest.raises(ScopeMissing):
        change_team(actor_of(owner, scopes=frozenset({"write"})), team_id=team_id, name="x")
    assert Team.objects.get(pk=team_id).seats == 1
