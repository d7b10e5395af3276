"""PATCH /api/v1/accounts/<id>/quota and /api/v1/teams/<id>/quota."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.errors import QuotaExceeded
from accounts.models import AuditEvent, User
from accounts.quotas import Charge, charge
from tests.support.people import bearer, make_administrator, make_token, make_user

pytestmark = pytest.mark.django_db


def patch(client: Client, url: str, user: User, scopes: set[str] | None = None, **body: Any) -> Any:
    headers = bearer(make_token(user, scopes or {"admin"})[1])
    return client.patch(url, body, content_type="application/json", headers=headers)


def test_a_change_takes_effect_at_once(client: Client) -> None:
    user = make_user(quota_bytes=100)
    accounts = [user.quota.pk, user.membership.team.quota.pk]
    with transaction.atomic():
        charge(accounts, Charge(live=80))
    answer = patch(client, f"/api/v1/accounts/{user.pk}/quota", make_administrator(), limit_bytes=90)
    assert answer.status_code == 200
    assert (answer.json()["limit_bytes"], answer.json()["free_bytes"]) == (90, 10)
    with pytest.raises(QuotaExceeded), transaction.atomic():
        charge(accounts, Charge(live=11))
    patch(client, f"/api/v1/accounts/{user.pk}/quota", make_administrator(), limit_bytes=None)
    with transaction.atomic():
        charge(accounts, Charge(live=11))
    event = AuditEvent.objects.filter(kind="quota.change").earliest("pk")
    assert (event.target, event.detail) == (user.email, {"before": 100, "after": 90})


def test_of_a_team(client: Client) -> None:
    user = make_user()
    url = f"/api/v1/teams/{user.membership.team_id}/quota"
    assert patch(client, url, make_administrator(), limit_bytes=5).json()["limit_bytes"] == 5
    with pytest.raises(QuotaExceeded) as caught, transaction.atomic():
        charge([user.quota.pk, user.membership.team.quota.pk], Charge(live=6))
    assert caught.value.detail["whose"] == "team"


def test_only_administrators_of_the_installation(client: Client) -> None:
    owner = make_user()
    for path in (f"accounts/{owner.pk}", f"teams/{owner.membership.team_id}", f"accounts/{make_user().pk}"):
        answer = patch(client, f"/api/v1/{path}/quota", owner, limit_bytes=10**15)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    answer = patch(client, f"/api/v1/accounts/{owner.pk}/quota", make_administrator(), {"read", "write"}, limit_bytes=1)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    owner.quota.refresh_from_db()
    assert owner.quota.limit_bytes == 10**9


@pytest.mark.parametrize("limit", [-1, "x", 2**63, 1.5, [], "missing"])
def test_a_bad_limit_is_refused(client: Client, limit: Any) -> None:
    user = make_user()
    body = {} if limit == "missing" else {"limit_bytes": limit}
    answer = patch(client, f"/api/v1/accounts/{user.pk}/quota", make_administrator(), **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_nobody_with_that_number(client: Client) -> None:
    administrator = make_administrator()
    for path in ("accounts", "teams"):
        answer = patch(client, f"/api/v1/{path}/{10**9}/quota", administrator, limit_bytes=1)
        assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found")
