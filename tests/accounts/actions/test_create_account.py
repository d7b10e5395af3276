"""accounts.actions.create_account: who may make whom, what is refused, all or nothing."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress

from accounts.actions.create_account import create_account
from accounts.errors import (
    AccountError,
    AccountNotFound,
    EmailTaken,
    InvalidEmail,
    InvalidQuota,
    NotAllowed,
    PasswordRefused,
    ScopeMissing,
    UnknownRole,
)
from accounts.models import AuditEvent, Membership, QuotaAccount, Role, Team, User
from files.models import Space
from tests.support.people import PASSWORD, actor_of, make_administrator, make_user
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


def test_a_whole_account() -> None:
    administrator = actor_of(make_administrator())
    user = create_account(administrator, email=" New@Example.COM ", password=PASSWORD, name=" New ", quota_bytes=7)
    assert (user.email, user.name, user.is_staff) == ("new@example.com", "New", False)
    assert user.check_password(PASSWORD)
    assert (user.membership.role, user.membership.team.quota.limit_bytes) == (Role.OWNER, None)
    assert user.quota.limit_bytes == 7
    assert Space.objects.get(owner=user).team == user.membership.team
    event = AuditEvent.objects.get(kind="account.create", target=user.email)
    assert event.actor_id == administrator.user_id
    assert PASSWORD not in str(event.detail)


def test_an_ordinary_person_makes_none() -> None:
    actor = actor_of(make_user())
    for arguments in ({}, {"is_admin": True}, {"quota_bytes": 10**15}):
        with pytest.raises(NotAllowed):
            create_account(actor, email="new@example.com", password=PASSWORD, **arguments)


def test_a_narrow_administrator_is_none() -> None:
    actor = actor_of(make_administrator(), scopes=frozenset({"read", "write", "share"}))
    with pytest.raises(ScopeMissing):
        create_account(actor, email="new@example.com", password=PASSWORD)


def test_a_team_owner_makes_no_administrator_and_no_quota_and_nobody_elsewhere() -> None:
    owner = make_user()
    Team.objects.update(seats=9)
    team, elsewhere = owner.membership.team, make_user().membership.team
    for wrong, error in (
        ({"team": team, "is_admin": True}, NotAllowed),
        ({"team": team, "quota_bytes": 10**15}, NotAllowed),
        ({"team": elsewhere}, AccountNotFound),
    ):
        with pytest.raises(error):
            create_account(actor_of(owner), email="new@example.com", password=PASSWORD, **wrong)
    assert not User.objects.filter(email="new@example.com").exists()


def test_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_more: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("accounts.actions.create_account.record", fail)
    with pytest.raises(RuntimeError):
        make_user()
    assert [model.objects.count() for model in (User, Team, Membership, QuotaAccount, EmailAddress)] == [0] * 5


def test_an_address_that_somebody_verified_is_taken() -> None:
    user = make_user()
    EmailAddress.objects.create(user=user, email="second@example.com", verified=True)
    with pytest.raises(EmailTaken):
        make_user("Second@example.com")


def test_without_a_password_there_is_no_way_in_but_reset() -> None:
    assert not make_user(password=None).has_usable_password()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"email": "nobody"}, InvalidEmail),
        ({"email": f"{'x' * 64}@{'y' * 63}.{'y' * 63}.{'y' * 63}.com"}, InvalidEmail),
        ({"quota_bytes": -1}, InvalidQuota),
        ({"quota_bytes": 2**63}, InvalidQuota),
        ({"quota_bytes": True}, InvalidQuota),
        ({"role": "king"}, UnknownRole),
        ({"password": "short"}, PasswordRefused),
    ],
)
def test_refuses(arguments: dict[str, Any], error: type[AccountError]) -> None:
    with pytest.raises(error):
        make_user(**arguments)
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_address_is_taken_once() -> None:
    results = at_once(*[lambda: make_user("same@example.com") for _ in range(4)], expected=AccountError)
    assert sum(isinstance(result, User) for result in results) == 1
    assert sum(isinstance(result, EmailTaken) for result in results) == 3
    assert Team.objects.count() == QuotaAccount.objects.filter(team__isnull=False).count() == 1
