"""accounts.actions.members.add_member: a new person in one's own team."""

import pytest
from allauth.account.models import EmailAddress
from pytest_django import Settings

from accounts.actions.members import add_member
from accounts.errors import AccountError, AccountNotFound, NotAllowed, ScopeMissing, TeamFull
from accounts.models import Membership, Role, Team, User
from tests.support.people import SYSTEM, actor_of, make_administrator, make_member, make_user
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


def owner_with_room() -> User:
    owner = make_user()
    Team.objects.update(seats=9)
    return owner


def test_a_member_of_the_actors_team_with_the_usual_quota(settings: Settings) -> None:
    settings.DEFAULT_ACCOUNT_QUOTA = 12_345
    owner = owner_with_room()
    user = add_member(actor_of(owner), email="new@example.com")
    assert (user.membership.team, user.membership.role) == (owner.membership.team, Role.MEMBER)
    assert (user.quota.limit_bytes, user.is_staff) == (12_345, False)


def test_only_an_administrator_of_the_installation_vouches_for_an_address() -> None:
    for actor, verified in ((actor_of(owner_with_room()), False), (actor_of(make_administrator()), True)):
        user = add_member(actor, email=f"new{verified}@example.com")
        assert EmailAddress.objects.get(user=user).verified is verified


def test_who_may() -> None:
    owner = make_user()
    with pytest.raises(NotAllowed):
        add_member(actor_of(make_member(owner)), email="new@example.com")
    with pytest.raises(ScopeMissing):
        add_member(actor_of(owner, scopes=frozenset({"read", "write"})), email="new@example.com")
    with pytest.raises(AccountNotFound):
        add_member(SYSTEM, email="new@example.com")


def test_only_an_owner_adds_an_owner() -> None:
    owner = owner_with_room()
    manager = actor_of(make_member(owner, Role.ADMIN))
    with pytest.raises(NotAllowed):
        add_member(manager, email="new@example.com", role=Role.OWNER)
    assert add_member(manager, email="new@example.com", role=Role.ADMIN).membership.role == Role.ADMIN
    assert add_member(actor_of(owner), email="other@example.com", role=Role.OWNER).membership.role == Role.OWNER


def test_a_full_team() -> None:
    owner = make_user()
    Team.objects.update(seats=2)
    add_member(actor_of(owner), email="b@example.com")
    with pytest.raises(TeamFull):
        add_member(actor_of(owner), email="c@example.com")
    assert not User.objects.filter(email="c@example.com").exists()


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_is_taken_once() -> None:
    owner = make_user()
    Team.objects.update(seats=2)
    actor = actor_of(owner)
    acts = [lambda n=n: add_member(actor, email=f"new{n}@example.com") for n in range(4)]  # type: ignore[misc]
    results = at_once(*acts, expected=AccountError)
    assert sum(isinstance(result, User) for result in results) == 1
    assert Membership.objects.count() == 2
