"""GET /api/v1/account."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.quotas import Charge, charge
from tests.support.people import bearer, make_token, make_user

pytestmark = pytest.mark.django_db

URL = "/api/v1/account"


def test_who_am_i(client: Client, django_assert_num_queries: Any) -> None:
    user = make_user("anna@example.com", name="Anna", quota_bytes=1000)
    _token, secret = make_token(user, {"read", "share"})
    with transaction.atomic():
        charge([user.quota.pk, user.membership.team.quota.pk], Charge(live=500, trash=40, uploads=2))
    client.get(URL, headers=bearer(secret))  # writes last_used_at
    with django_assert_num_queries(3):
        answer = client.get(URL, headers=bearer(secret))
    assert answer.status_code == 200
    usage = {
        "limit_bytes": 1000,
        "used_bytes": 542,
        "free_bytes": 458,
        "live_bytes": 500,
        "versions_bytes": 0,
        "trash_bytes": 40,
        "uploads_bytes": 2,
        "nodes": 0,
        "properties": 0,
    }
    assert answer.json() == {
        "id": str(user.pk),
        "email": "anna@example.com",
        "name": "Anna",
        "is_administrator": False,
        "team": {"id": str(user.membership.team_id), "name": "Anna", "seats": 1},
        "role": "owner",
        "scopes": ["read", "share"],
        "usage": usage,
        "team_usage": {**usage, "limit_bytes": None, "free_bytes": None},
        "free_bytes": 458,
    }


def test_free_is_the_tighter_of_the_two_limits(client: Client) -> None:
    user = make_user(quota_bytes=1000)
    _token, secret = make_token(user)
    team_quota = user.membership.team.quota
    team_quota.limit_bytes = 70
    team_quota.save()
    assert client.get(URL, headers=bearer(secret)).json()["free_bytes"] == 70


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic eDp5"])
def test_without_a_valid_credential(client: Client, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = client.get(URL, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == ("invalid_credentials" if authorization else "not_authenticated")
    assert body["status"] == 401
    assert body["detail"]


def test_a_session_reads_without_a_csrf_token(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    assert client.get(URL).json()["scopes"] == ["read", "write", "share", "admin"]
