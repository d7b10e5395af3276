"""accounts.actions.create_team: for administrators of the installation."""

import pytest

from accounts.actions.create_team import create_team
from accounts.errors import InvalidName, InvalidQuota, NotAllowed, ScopeMissing
from accounts.models import AuditEvent, Membership, Team
from tests.support.people import SYSTEM, actor_of, make_administrator, make_user

pytestmark = pytest.mark.django_db


def test_a_team_with_its_limits() -> None:
    team = create_team(actor_of(make_administrator()), name=" Works ", quota_bytes=5, seats=2)
    assert (team.name, team.seats, team.quota.limit_bytes) == ("Works", 2, 5)
    assert not Membership.objects.filter(team=team).exists()
    assert AuditEvent.objects.filter(kind="team.create", target="Works").exists()


def test_only_administrators_of_the_installation() -> None:
    with pytest.raises(NotAllowed):
        create_team(actor_of(make_user()), name="Mine")
    with pytest.raises(ScopeMissing):
        create_team(actor_of(make_administrator(), scopes=frozenset({"write"})), name="Mine")


@pytest.mark.parametrize("name", ["  ", "x" * 151])
def test_names_at_the_edge(name: str) -> None:
    with pytest.raises(InvalidName):
        create_team(SYSTEM, name=name)
    create_team(SYSTEM, name="x" * 150)


@pytest.mark.parametrize("quota", [-1, 2**63])
def test_a_limit_that_is_none(quota: int) -> None:
    with pytest.raises(InvalidQuota):
        create_team(SYSTEM, name="Works", quota_bytes=quota)
    assert not Team.objects.exists()
