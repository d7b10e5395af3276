"""files.actions.regions: where the bytes of teams may be."""

import pytest

from accounts.actor import Actor
from accounts.errors import NotAllowed, ScopeMissing
from accounts.models import AuditEvent, Team, User
from files import errors
from files.actions.regions import require_same_region, set_team_region
from files.models import Pool, PoolState
from tests.support.people import SYSTEM, actor_of, make_administrator, make_user
from tests.support.trees import home_of


@pytest.fixture
def eu(pool: Pool) -> Pool:
    return Pool.objects.create(name="in-eu", region="eu", url="memory://in-eu-of-actions")


def test_set_once_and_recorded(user: User, eu: Pool) -> None:
    team_id = user.membership.team_id
    first = set_team_region(actor_of(make_administrator()), team_id=team_id, region="eu")
    assert (first.region, first.region_settled_at) == ("eu", None)
    again = set_team_region(SYSTEM, team_id=team_id, region="eu")
    assert again.region_changed_at == first.region_changed_at
    event = AuditEvent.objects.get(kind="team.region")
    assert (event.detail["before"], event.detail["region"]) == ("", "eu")
    assert set_team_region(SYSTEM, team_id=team_id, region="").region == ""


def test_refuses(user: User, eu: Pool) -> None:
    team_id = user.membership.team_id
    for region in ("E U", "x" * 51):
        with pytest.raises(errors.InvalidRequest):
            set_team_region(SYSTEM, team_id=team_id, region=region)
    with pytest.raises(errors.NoPoolInRegion):
        set_team_region(SYSTEM, team_id=team_id, region="us")
    with pytest.raises(errors.NotFound):
        set_team_region(SYSTEM, team_id=10**9, region="eu")
    Pool.objects.filter(pk=eu.pk).update(state=PoolState.READ_ONLY)
    with pytest.raises(errors.NoPoolInRegion):
        set_team_region(SYSTEM, team_id=team_id, region="eu")
    assert Team.objects.get(pk=team_id).region == ""


def test_who_may(actor: Actor, eu: Pool) -> None:
    with pytest.raises(NotAllowed):
        set_team_region(actor, team_id=actor.team_id or 0, region="eu")
    narrow = actor_of(make_administrator(), scopes=frozenset({"write"}))
    with pytest.raises(ScopeMissing):
        set_team_region(narrow, team_id=actor.team_id or 0, region="eu")


def test_bytes_are_shared_inside_a_region_only(user: User, eu: Pool) -> None:
    other = make_user()
    mine, theirs = home_of(user), home_of(other)
    require_same_region(mine, mine)
    require_same_region(mine, theirs)
    set_team_region(SYSTEM, team_id=user.membership.team_id, region="eu")
    with pytest.raises(errors.RegionDiffers):
        require_same_region(home_of(user), theirs)
    set_team_region(SYSTEM, team_id=other.membership.team_id, region="eu")
    require_same_region(home_of(user), home_of(other))
