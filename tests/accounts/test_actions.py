"""Actions: who may, what is refused, and what two at once do."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions.add_member import add_member
from accounts.actions.change_quota import change_quota
from accounts.actions.change_role import change_role
from accounts.actions.create_account import create_account
from accounts.actions.create_team import create_team
from accounts.actions.create_token import create_token
from accounts.actions.deactivate_account import deactivate_account
from accounts.actor import SYSTEM
from accounts.errors import (
    AccountError,
    AccountNotFound,
    EmailTaken,
    InvalidName,
    InvalidQuota,
    NotAllowed,
    PasswordRefused,
    QuotaExceeded,
    TeamFull,
    UnknownRole,
    UnknownScope,
)
from accounts.models import AuditEvent, Membership, QuotaAccount, Role, Team, User
from accounts.quotas import Charge, charge
from common.sizes import parse_duration, parse_size
from tests.accounts.factories import (
    PASSWORD,
    actor_of,
    make_administrator,
    make_member,
    make_user,
)


@pytest.mark.django_db
class TestCreateAccount:
    def test_an_ordinary_person_makes_none(self) -> None:
        actor = actor_of(make_user())
        for arguments in ({}, {"is_admin": True}, {"quota_bytes": 10**15}):
            with pytest.raises(NotAllowed):
                create_account(actor, email="new@example.com", password=PASSWORD, **arguments)

    def test_a_team_owner_makes_no_administrator_and_no_quota_and_nobody_elsewhere(self) -> None:
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

    def test_all_or_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_arguments: Any, **_more: Any) -> None:
            raise RuntimeError

        monkeypatch.setattr("accounts.actions.create_account.record", fail)
        with pytest.raises(RuntimeError):
            make_user()
        assert [model.objects.count() for model in (User, Team, Membership, QuotaAccount, EmailAddress)] == [0] * 5

    def test_an_address_that_somebody_verified_is_taken(self) -> None:
        user = make_user()
        EmailAddress.objects.create(user=user, email="second@example.com", verified=True)
        with pytest.raises(EmailTaken):
            make_user("Second@example.com")

    def test_without_a_password_there_is_no_way_in_but_reset(self) -> None:
        assert not make_user(password=None).has_usable_password()

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ({"quota_bytes": -1}, InvalidQuota),
            ({"quota_bytes": 2**63}, InvalidQuota),
            ({"quota_bytes": True}, InvalidQuota),
            ({"role": "king"}, UnknownRole),
            ({"password": "short"}, PasswordRefused),
        ],
    )
    def test_refuses(self, arguments: dict[str, Any], error: type[AccountError]) -> None:
        with pytest.raises(error):
            make_user(**arguments)
        assert not User.objects.exists()


@pytest.mark.django_db
def test_create_team_is_for_administrators() -> None:
    team = create_team(actor_of(make_administrator()), name=" Works ", quota_bytes=5, seats=2)
    assert (team.name, team.seats, team.quota.limit_bytes) == ("Works", 2, 5)
    first = create_account(SYSTEM, email="a@example.com", password=PASSWORD, team=team, role=Role.OWNER)
    add_member(actor_of(first), email="b@example.com")
    with pytest.raises(TeamFull):
        add_member(actor_of(first), email="c@example.com")
    with pytest.raises(NotAllowed):
        create_team(actor_of(first), name="Mine")
    with pytest.raises(InvalidName):
        create_team(SYSTEM, name="  ")
    assert AuditEvent.objects.filter(kind="team.create", target="Works").exists()


@pytest.mark.django_db
def test_the_system_has_no_tokens_and_a_person_makes_none_for_others() -> None:
    user, other = make_user(), make_user()
    with pytest.raises(AccountNotFound):
        create_token(SYSTEM, name="n", scopes=["read"])
    with pytest.raises(AccountNotFound):
        create_token(actor_of(user), name="n", scopes=["read"], user=other)
    with pytest.raises(AccountNotFound):
        create_token(actor_of(make_administrator()), name="n", scopes=["read"], user=other)
    with pytest.raises(UnknownScope):
        create_token(actor_of(user), name="n", scopes=[])


@pytest.mark.django_db
def test_a_narrow_administrator_is_none() -> None:
    actor = actor_of(make_administrator(), scopes=frozenset({"read", "write", "share"}))
    with pytest.raises(AccountError):
        change_quota(actor, user_id=make_user().pk, limit_bytes=1)
    with pytest.raises(AccountError):
        create_account(actor, email="new@example.com", password=PASSWORD)


@pytest.mark.django_db
def test_a_limit_below_what_is_used_refuses_only_growth() -> None:
    user = make_user(quota_bytes=100)
    ids = [user.quota.pk]
    with transaction.atomic():
        charge(ids, Charge(live=80))
    change_quota(SYSTEM, user_id=user.pk, limit_bytes=50)
    with pytest.raises(QuotaExceeded) as caught, transaction.atomic():
        charge(ids, Charge(live=1))
    assert caught.value.detail == {"whose": "account", "needed": 1, "free": 0}
    with transaction.atomic():
        charge(ids, Charge(live=-30, trash=30))
        charge(ids, Charge(trash=-20))
    user.quota.refresh_from_db()
    assert user.quota.used_bytes == 60


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Runs each in a thread of its own; the value, or the AccountError, of each."""
    barrier = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            answers[index] = act()
        except AccountError as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return answers


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_two_owners_unmake_each_other(self) -> None:
        first = make_user()
        second = make_member(first, Role.OWNER)
        one, two = actor_of(first), actor_of(second)
        answers = at_once(
            lambda: change_role(one, user_id=second.pk, role=Role.MEMBER),
            lambda: change_role(two, user_id=first.pk, role=Role.MEMBER),
        )
        assert sum(isinstance(answer, NotAllowed) for answer in answers) == 1  # the second is an owner no longer
        assert Membership.objects.filter(role=Role.OWNER).count() == 1

    def test_two_owners_stop_each_other(self) -> None:
        first = make_user()
        second, _member = make_member(first, Role.OWNER), make_member(first)
        one, two = actor_of(first), actor_of(second)
        at_once(
            lambda: deactivate_account(one, user_id=second.pk),
            lambda: deactivate_account(two, user_id=first.pk),
        )
        assert Membership.objects.filter(role=Role.OWNER, user__is_active=True).count() == 1

    def test_the_last_seat_is_taken_once(self) -> None:
        owner = make_user()
        Team.objects.update(seats=2)
        actor = actor_of(owner)
        answers = at_once(*[lambda n=n: add_member(actor, email=f"new{n}@example.com") for n in range(4)])
        assert sum(isinstance(answer, User) for answer in answers) == 1
        assert Membership.objects.count() == 2

    def test_one_address_is_taken_once(self) -> None:
        answers = at_once(*[lambda: make_user("same@example.com") for _ in range(4)])
        assert sum(isinstance(answer, User) for answer in answers) == 1
        assert sum(isinstance(answer, EmailTaken) for answer in answers) == 3
        assert Team.objects.count() == QuotaAccount.objects.filter(team__isnull=False).count() == 1

    def test_a_quota_is_never_passed(self) -> None:
        user = make_user(quota_bytes=100)
        ids = [user.quota.pk, user.membership.team.quota.pk]

        def write() -> None:
            for _ in range(10):
                with transaction.atomic():
                    charge(ids, Charge(live=7))

        at_once(*[write for _ in range(4)])
        user.quota.refresh_from_db()
        assert user.quota.live_bytes == 98
        assert user.membership.team.quota.live_bytes == 98 or QuotaAccount.objects.get(pk=ids[1]).live_bytes == 98


@given(st.text(max_size=30))
def test_sizes_and_durations_are_numbers_or_value_errors(text: str) -> None:
    for parse in (parse_size, parse_duration):
        try:
            parse(text)
        except ValueError:
            continue


@pytest.mark.parametrize(("text", "size"), [("10GB", 10**10), ("10GiB", 10 * 2**30), ("1.5k", 1500), ("none", None)])
def test_sizes(text: str, size: int | None) -> None:
    assert parse_size(text) == size
