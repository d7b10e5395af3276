"""accounts.actions.teams.change_quota: limits of people and of teams."""

import pytest

from accounts.actions.teams import change_quota
from accounts.errors import AccountNotFound, InvalidQuota, NotAllowed, ScopeMissing
from accounts.models import AuditEvent, QuotaAccount
from tests.support.people import SYSTEM, actor_of, make_administrator, make_user

pytestmark = pytest.mark.django_db


def test_of_a_person_and_of_a_team() -> None:
    user, administrator = make_user(quota_bytes=100), actor_of(make_administrator())
    assert change_quota(administrator, user_id=user.pk, limit_bytes=5).limit_bytes == 5
    change_quota(administrator, team_id=user.membership.team.pk, limit_bytes=7)
    assert list(QuotaAccount.objects.filter(pk=user.quota.pk).values_list("limit_bytes", flat=True)) == [5]
    assert QuotaAccount.objects.get(team=user.membership.team).limit_bytes == 7
    change_quota(administrator, user_id=user.pk, limit_bytes=None)
    changes = AuditEvent.objects.filter(kind="quota.change", actor_id=administrator.user_id).order_by("pk")
    assert [(event.detail["before"], event.detail["after"]) for event in changes] == [(100, 5), (None, 7), (5, None)]


def test_who_may() -> None:
    user = make_user(quota_bytes=100)
    with pytest.raises(NotAllowed):
        change_quota(actor_of(user), user_id=user.pk, limit_bytes=10**15)
    with pytest.raises(ScopeMissing):
        change_quota(
            actor_of(make_administrator(), scopes=frozenset({"read", "write", "share"})), user_id=user.pk, limit_bytes=1
        )
    assert QuotaAccount.objects.get(user=user).limit_bytes == 100


def test_one_account_is_named() -> None:
    user = make_user()
    for whose in ({}, {"user_id": user.pk, "team_id": user.membership.team.pk}, {"user_id": 10**9}, {"team_id": 10**9}):
        with pytest.raises(AccountNotFound):
            change_quota(SYSTEM, limit_bytes=1, **whose)


@pytest.mark.parametrize("limit", [-1, 2**63, True])
def test_a_limit_that_is_none(limit: int) -> None:
    with pytest.raises(InvalidQuota):
        change_quota(SYSTEM, user_id=make_user().pk, limit_bytes=limit)
    change_quota(SYSTEM, user_id=make_user().pk, limit_bytes=2**63 - 1)
