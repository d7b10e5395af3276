"""accounts.actions.policies: who may change the policies of a team, what they may be, and what the record says."""

from typing import Any

import pytest

from accounts.actions.policies import change_policy
from accounts.actor import READ, WRITE, Actor
from accounts.errors import (
    AccountNotFound,
    InvalidPolicy,
    NotAllowed,
    ReauthenticationRequired,
    ScopeMissing,
)
from accounts.models import AuditEvent, Role, Team, TeamPolicy, User
from accounts.policies import SETTINGS, policy_for, values_of
from accounts.queries import policy_of, policy_preview
from tests.support.people import actor_of, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    user = make_user()
    Team.objects.filter(pk=user.membership.team_id).update(seats=9)
    return user


def test_without_a_row_nothing_is_demanded(owner: User) -> None:
    policy = policy_of(actor_of(owner))
    assert not TeamPolicy.objects.exists()
    assert values_of(policy) == values_of(TeamPolicy(team_id=owner.membership.team_id))
    assert values_of(policy)["external_links"] == "everybody"
    assert not any(value for name, value in values_of(policy).items() if name in ("link_password_required",))


def test_changed_and_recorded(owner: User) -> None:
    change_policy(actor_of(owner), changes={"link_longest_days": 30, "link_password_required": True})
    change_policy(actor_of(owner), changes={"link_longest_days": 60})
    policy = TeamPolicy.objects.get()
    assert (policy.link_longest_days, policy.link_password_required) == (60, True)
    first, second = AuditEvent.objects.filter(kind="policy.change").order_by("pk")
    assert first.detail["after"] == {"link_longest_days": 30, "link_password_required": True}
    assert second.detail == {"before": {"link_longest_days": 30}, "after": {"link_longest_days": 60}, "ended": {}}
    assert second.team_id == owner.membership.team_id


def test_what_changes_nothing_is_no_act(owner: User) -> None:
    change_policy(actor_of(owner), changes={"link_expiry_required": False})
    assert not AuditEvent.objects.filter(kind="policy.change").exists()
    assert not TeamPolicy.objects.exists()


def test_who_may(owner: User) -> None:
    changes = {"link_longest_days": 30}
    admin, member = make_member(owner, Role.ADMIN), make_member(owner)
    change_policy(actor_of(admin), changes=changes)
    refused: list[tuple[Actor, type[Exception]]] = [
        (actor_of(member), NotAllowed),
        (actor_of(owner, scopes=frozenset({READ, WRITE})), ScopeMissing),
        (Actor(), AccountNotFound),
        (actor_of(owner, proved_recently=False), ReauthenticationRequired),
    ]
    for actor, error in refused:
        with pytest.raises(error):
            change_policy(actor, changes={"link_longest_days": 1})
        if error is not ReauthenticationRequired:
            with pytest.raises(error):
                policy_of(actor)
            with pytest.raises(error):
                policy_preview(actor, changes=changes)
    assert TeamPolicy.objects.get().link_longest_days == 30


def test_it_is_the_own_team_alone(owner: User) -> None:
    other = make_user()
    change_policy(actor_of(owner), changes={"external_links": "nobody"})
    assert policy_of(actor_of(other)).external_links == "everybody"
    assert policy_for(other.membership.team_id).external_links == "everybody"


WRONG: list[dict[str, Any]] = [
    {"external_links": "some"},
    {"link_longest_days": 0},
    {"link_longest_days": 100_000},
    {"link_longest_days": "x"},
    {"link_password_required": None},
    {"team_id": 7},
    {"second_factor_due_at": None},
    {"link_default_days": 31, "link_longest_days": 30},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_what_cannot_be(owner: User, changes: dict[str, Any]) -> None:
    for act in (change_policy, policy_preview):
        with pytest.raises(InvalidPolicy) as refused:
            act(actor_of(owner), changes=changes)
        assert refused.value.detail["parameter"] == next(iter(changes))
    assert not TeamPolicy.objects.exists()


def test_every_setting_is_one_of_the_row() -> None:
    assert set(SETTINGS) <= {field.name for field in TeamPolicy._meta.fields}
