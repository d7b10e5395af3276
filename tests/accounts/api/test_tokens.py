"""GET and POST /api/v1/tokens, DELETE /api/v1/tokens/<id>."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authentication import actor_from_token
from accounts.models import AccessToken, AuditEvent, Role
from tests.support.people import (
    PASSWORD,
    bearer,
    make_administrator,
    make_member,
    make_token,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db

URL = "/api/v1/tokens"


def post(client: Client, secret: str, **body: Any) -> Any:
    return client.post(URL, body, content_type="application/json", headers=bearer(secret))


def test_create_shows_the_secret_once(client: Client) -> None:
    user = make_user()
    _token, secret = make_token(user)
    answer = post(client, secret, name="laptop", scopes=["write", "read"])
    assert answer.status_code == 201
    assert "no-store" in answer.headers["Cache-Control"]
    made = answer.json()
    actor = actor_from_token(made["token"])
    assert actor is not None
    assert (actor.user_id, set(actor.scopes)) == (user.pk, {"read", "write"})
    assert made["scopes"] == ["read", "write"]
    assert made["expires_at"] is None
    listed = client.get(URL, headers=bearer(secret)).content.decode()
    assert made["hint"] in listed
    assert made["token"] not in listed
    assert AuditEvent.objects.filter(kind="token.create", target="laptop").exists()


def test_list_is_only_mine_newest_first_and_paged(client: Client) -> None:
    owner = make_user()
    colleague, stranger = make_member(owner), make_user()
    _token, secret = make_token(owner)
    mine = [make_token(owner)[0].pk for _ in range(4)]
    make_token(colleague)
    make_token(stranger)
    revoked, _secret = make_token(owner)
    client.delete(f"{URL}/{revoked.pk}", headers=bearer(secret))
    first = client.get(f"{URL}?limit=3", headers=bearer(secret)).json()
    assert [int(item["id"]) for item in first["items"]] == list(reversed(mine))[:3]
    second = client.get(f"{URL}?limit=3&cursor={first['next_cursor']}", headers=bearer(secret)).json()
    assert [int(item["id"]) for item in second["items"]] == [mine[0], _token.pk]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=abc", "cursor=a:b"])
def test_a_bad_page_is_refused(client: Client, query: str) -> None:
    _token, secret = make_token(make_user())
    assert client.get(f"{URL}?{query}", headers=bearer(secret)).status_code == 400


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"scopes": ["read"]}, "invalid_request"),
        ({"name": " ", "scopes": ["read"]}, "invalid_request"),
        ({"name": "n" * 101, "scopes": ["read"]}, "invalid_request"),
        ({"name": "n", "scopes": []}, "invalid_request"),
        ({"name": "n", "scopes": ["delete"]}, "invalid_request"),
        ({"name": "n", "scopes": "read"}, "invalid_request"),
        ({"name": "n", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, "invalid_expiry"),
    ],
)
def test_create_refuses(client: Client, body: dict[str, Any], code: str) -> None:
    _token, secret = make_token(make_user())
    answer = post(client, secret, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("scopes", [{"read"}, {"read", "write", "share"}])
def test_a_narrow_token_makes_lists_and_revokes_none(client: Client, scopes: set[str]) -> None:
    user = make_user()
    _token, secret = make_token(user, scopes)
    other, _secret = make_token(user)
    answers = [
        post(client, secret, name="n", scopes=["read"]),
        client.get(URL, headers=bearer(secret)),
        client.delete(f"{URL}/{other.pk}", headers=bearer(secret)),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert answer.json()["code"] == "scope_missing"
        assert answer.json()["scope"] == "admin"


def test_a_token_makes_none_that_may_more(client: Client) -> None:
    _token, secret = make_token(make_user(), {"read", "admin"})
    answer = post(client, secret, name="n", scopes=["read", "write"])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_too_wide")


def test_a_token_makes_none_that_lives_longer(client: Client) -> None:
    soon = timezone.now() + timedelta(days=1)
    _token, secret = make_token(make_user(), expires_at=soon)
    later = (soon + timedelta(days=1)).isoformat()
    assert post(client, secret, name="n", scopes=["read"], expires_at=later).json()["code"] == "invalid_expiry"
    made = post(client, secret, name="n", scopes=["read"]).json()
    assert AccessToken.objects.get(pk=made["id"]).expires_at == soon


def test_a_revoked_and_an_expired_token_are_refused(client: Client) -> None:
    user = make_user()
    token, secret = make_token(user)
    assert client.delete(f"{URL}/{token.pk}", headers=bearer(secret)).status_code == 204
    assert client.get(URL, headers=bearer(secret)).status_code == 401
    token, secret = make_token(user)
    AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert client.get(URL, headers=bearer(secret)).status_code == 401


def test_a_narrow_token_may_revoke_itself(client: Client) -> None:
    token, secret = make_token(make_user(), {"read"})
    assert client.delete(f"{URL}/{token.pk}", headers=bearer(secret)).status_code == 204
    assert actor_from_token(secret) is None


def test_nobody_elses_token_exists(client: Client) -> None:
    owner = make_user()
    _token, secret = make_token(owner)
    for other in (make_user(), make_member(owner), make_member(owner, Role.OWNER)):
        theirs, their_secret = make_token(other)
        answer = client.delete(f"{URL}/{theirs.pk}", headers=bearer(secret))
        assert (answer.status_code, answer.json()["code"]) == (404, "token_not_found")
        assert actor_from_token(their_secret)


def test_an_administrator_revokes_anybodys(client: Client) -> None:
    _token, secret = make_token(make_administrator())
    theirs, their_secret = make_token(make_user())
    assert client.delete(f"{URL}/{theirs.pk}", headers=bearer(secret)).status_code == 204
    assert actor_from_token(their_secret) is None


def test_a_session_needs_the_csrf_header() -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, make_user())
    body = {"name": "n", "scopes": ["read"]}
    answer = client.post(URL, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert not AccessToken.objects.exists()
    client.cookies["csrf"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32}
    assert client.post(URL, body, content_type="application/json", headers=headers).status_code == 201


def test_a_session_that_is_older_than_fifteen_minutes_makes_no_token(client: Client) -> None:
    user = make_user()
    body = {"name": "n", "scopes": ["read"]}
    sign_in(client, user, seconds_ago=901)
    client.cookies["csrf"] = "a" * 32
    answer = client.post(URL, body, content_type="application/json", headers={"X-CSRFToken": "a" * 32})
    assert (answer.status_code, answer.json()["code"]) == (403, "reauthentication_required")
    assert not AccessToken.objects.exists()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    headers = {"X-CSRFToken": client.cookies["csrf"].value}
    assert client.post(URL, body, content_type="application/json", headers=headers).status_code == 201
