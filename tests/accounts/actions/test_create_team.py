"""accounts.actions.teams.create_team: for administrators of the installation, and never without an owner."""

import pytest
from pytest_django import Settings

from accounts.actions.members import deactivate_account
from accounts.actions.teams import create_team
from accounts.errors import (
    AccountNotFound,
    InAnotherTeam,
    InvalidEmail,
    InvalidName,
    InvalidQuota,
    InvalidSeats,
    MailUnavailable,
    NotAllowed,
    ScopeMissing,
    UnknownRegion,
)
from accounts.models import AuditEvent, Invitation, Membership, Role, Team, User
from files.models import Pool
from tests.support.mails import sent_mails
from tests.support.people import SYSTEM, actor_of, make_administrator, make_member, make_user
from tests.support.trees import bytes_at, home_of, put

pytestmark = pytest.mark.django_db

BOSS = "boss@example.com"


def test_a_team_with_its_limits_and_an_owner_who_is_asked() -> None:
    administrator = actor_of(make_administrator())
    team, owner, invitation = create_team(
        administrator, name=" Works ", owner="Boss@Example.com", quota_bytes=5, seats=2
    )
    assert owner is None
    assert invitation is not None
    assert (team.name, team.seats, team.quota.limit_bytes) == ("Works", 2, 5)
    assert (invitation.email, invitation.role, invitation.team) == (BOSS, Role.OWNER, team)
    assert not Membership.objects.filter(team=team).exists()
    assert not User.objects.filter(email=BOSS).exists()
    event = AuditEvent.objects.get(kind="team.create", target="Works")
    assert (event.team, event.actor_id, event.detail["owner"]) == (team, administrator.user_id, BOSS)
    assert "Works" in sent_mails(BOSS)[0].subject


def test_whoever_is_alone_takes_the_team_along(user: User) -> None:
    put(actor_of(user), "a", b"mine")
    before = user.membership.team
    Pool.objects.create(name="eu", region="eu", url="memory://create-team")
    new = create_team(SYSTEM, name="Works", owner=user.email.upper(), quota_bytes=10**6, seats=None, region="eu")
    assert (new.team, new.owner, new.invitation) == (before, user, None)
    before.refresh_from_db()
    assert (before.name, before.seats, before.region, before.quota.limit_bytes) == ("Works", None, "eu", 10**6)
    assert before.quota.live_bytes == 4
    assert home_of(user).team == before
    assert bytes_at(actor_of(user), "a") == b"mine"
    assert Membership.objects.get(user=user).role == Role.OWNER
    assert AuditEvent.objects.get(kind="team.create").team == before
    assert len(sent_mails(user.email)) == 1


def test_whoever_is_not_alone_is_refused(user: User) -> None:
    member = make_member(user)
    for person in (user, member):
        with pytest.raises(InAnotherTeam):
            create_team(SYSTEM, name="Works", owner=person.email)
    deactivate_account(SYSTEM, user_id=member.pk)  # still there, with a home
    with pytest.raises(InAnotherTeam):
        create_team(SYSTEM, name="Works", owner=user.email)
    alone = make_user()
    User.objects.filter(pk=alone.pk).update(is_active=False)
    with pytest.raises(AccountNotFound):
        create_team(SYSTEM, name="Works", owner=alone.email)
    assert not Team.objects.filter(name="Works").exists()


def test_only_administrators_of_the_installation() -> None:
    with pytest.raises(NotAllowed):
        create_team(actor_of(make_user()), name="Mine", owner=BOSS)
    with pytest.raises(ScopeMissing):
        create_team(actor_of(make_administrator(), scopes=frozenset({"write"})), name="Mine", owner=BOSS)


@pytest.mark.parametrize("name", ["  ", "x" * 101, "a\u202eb"])
def test_names_at_the_edge(name: str) -> None:
    with pytest.raises(InvalidName):
        create_team(SYSTEM, name=name, owner=BOSS)
    create_team(SYSTEM, name="x" * 100, owner=BOSS)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"quota_bytes": -1}, InvalidQuota),
        ({"quota_bytes": 2**63}, InvalidQuota),
        ({"seats": 0}, InvalidSeats),
        ({"seats": 1_000_001}, InvalidSeats),
        ({"seats": True}, InvalidSeats),
        ({"region": "nowhere"}, UnknownRegion),
        ({"owner": "no address"}, InvalidEmail),
        ({"owner": "ſam@example.com"}, InvalidEmail),
    ],
)
def test_what_is_none(wrong: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        create_team(SYSTEM, **{"name": "Works", "owner": BOSS, **wrong})  # type: ignore[arg-type]
    assert not Team.objects.exists()


def test_nobody_is_asked_without_mail(settings: Settings, user: User) -> None:
    settings.MAIL_IS_SENT = False
    with pytest.raises(MailUnavailable):
        create_team(SYSTEM, name="Works", owner=BOSS)
    assert not Invitation.objects.exists()
    assert create_team(SYSTEM, name="Works", owner=user.email).owner == user


def test_a_new_team_in_a_region_is_looked_at_there() -> None:
    Pool.objects.create(name="eu", region="eu", url="memory://create-team-2")
    team = create_team(SYSTEM, name="Works", owner=BOSS, region="eu").team
    assert (team.region, team.region_changed_at is not None) == ("eu", True)
