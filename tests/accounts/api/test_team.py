"""GET /api/v1/team, /api/v1/team/members and below."""

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.authentication import actor_from_token
from accounts.models import AuditEvent, Membership, Role, Team, User
from tests.support.people import PASSWORD, bearer, make_administrator, make_member, make_token, make_user

pytestmark = pytest.mark.django_db

MEMBERS = "/api/v1/team/members"


def secret_of(user: User, scopes: set[str] | None = None) -> dict[str, str]:
    return bearer(make_token(user, scopes or {"read", "admin"})[1])


def send(client: Client, method: str, url: str, user: User, **body: Any) -> Any:
    return client.generic(method, url, json.dumps(body), content_type="application/json", headers=secret_of(user))


@pytest.fixture
def owner() -> User:
    user = make_user()
    Team.objects.filter(pk=user.membership.team_id).update(seats=3)
    return user


def test_the_team_and_its_members(client: Client, owner: User) -> None:
    member = make_member(owner, name="Bob")
    make_user()
    team = client.get("/api/v1/team", headers=secret_of(owner)).json()
    assert (int(team["id"]), team["seats"], team["usage"]["live_bytes"]) == (owner.membership.team_id, 3, 0)
    page = client.get(MEMBERS, headers=secret_of(owner)).json()
    assert [(int(item["id"]), item["role"]) for item in page["items"]] == [(owner.pk, "owner"), (member.pk, "member")]
    assert page["items"][1]["name"] == "Bob"
    one = client.get(f"{MEMBERS}/{member.pk}", headers=secret_of(owner)).json()
    assert one == page["items"][1]


def test_listing_costs_the_same_for_many(client: Client, owner: User, django_assert_num_queries: Any) -> None:
    headers = secret_of(owner)
    client.get(MEMBERS, headers=headers)
    for _ in range(5):
        make_member(owner)
    with django_assert_num_queries(2):
        assert len(client.get(MEMBERS, headers=headers).json()["items"]) == 6


def test_an_owner_adds_a_person_until_the_seats_are_taken(client: Client, owner: User, settings: Any) -> None:
    settings.DEFAULT_ACCOUNT_QUOTA = 77
    for email in ("New@Example.com", "second@example.com"):
        answer = send(client, "POST", MEMBERS, owner, email=email, name="New", password=PASSWORD)
        assert answer.status_code == 201
    user = User.objects.get(email="new@example.com")
    assert (user.membership.team_id, user.membership.role) == (owner.membership.team_id, "member")
    assert user.quota.limit_bytes == 77
    assert not user.is_staff
    assert not EmailAddress.objects.get(user=user).verified
    answer = send(client, "POST", MEMBERS, owner, email="third@example.com")
    assert (answer.status_code, answer.json()["code"], answer.json()["seats"]) == (409, "team_full", 3)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "x"}, 400, "invalid_request"),
        ({}, 400, "invalid_request"),
        ({"email": "new@example.com", "password": "1234"}, 400, "password_refused"),
        ({"email": "new@example.com", "role": "king"}, 400, "invalid_request"),
        ({"email": "TAKEN@example.com"}, 409, "email_taken"),
    ],
)
def test_adding_refuses(client: Client, owner: User, body: dict[str, Any], status: int, code: str) -> None:
    make_user("taken@example.com")
    answer = send(client, "POST", MEMBERS, owner, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_person_alone_cannot_make_accounts(client: Client) -> None:
    answer = send(client, "POST", MEMBERS, make_user(), email="new@example.com")
    assert answer.json()["code"] == "team_full"


def test_an_admin_of_a_team_makes_and_touches_no_owner(client: Client, owner: User) -> None:
    admin = make_member(owner, Role.ADMIN)
    member = make_member(owner)
    assert send(client, "POST", MEMBERS, admin, email="n@example.com", role="owner").status_code == 403
    assert send(client, "PATCH", f"{MEMBERS}/{member.pk}", admin, role="owner").status_code == 403
    assert send(client, "PATCH", f"{MEMBERS}/{owner.pk}", admin, role="member").status_code == 403
    assert send(client, "DELETE", f"{MEMBERS}/{owner.pk}", admin).status_code == 403
    assert send(client, "PATCH", f"{MEMBERS}/{member.pk}", admin, role="admin").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", ""), ("PATCH", "id"), ("DELETE", "id"), ("GET", "id")]
)
def test_a_plain_member_manages_nothing(client: Client, owner: User, method: str, path: str) -> None:
    member, other = make_member(owner), make_member(owner)
    url = f"{MEMBERS}/{other.pk}" if path else MEMBERS
    body = {"role": "admin"} if path else {"email": "n@example.com", "role": "admin"}
    answer = send(client, method, url, member, **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert send(client, "GET", "/api/v1/team", member).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_another_teams_person_does_not_exist(client: Client, owner: User, method: str) -> None:
    stranger = make_user()
    for user_id in (stranger.pk, 10**9):
        answer = send(client, method, f"{MEMBERS}/{user_id}", owner, role="member")
        assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found")
    stranger.refresh_from_db()
    assert stranger.is_active


def test_a_narrow_token_manages_nothing(client: Client, owner: User) -> None:
    member = make_member(owner)
    for url in ("/api/v1/team", MEMBERS, f"{MEMBERS}/{member.pk}"):
        answer = client.get(url, headers=secret_of(owner, {"read", "write", "share"}))
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_the_last_owner_stays(client: Client, owner: User) -> None:
    second = make_member(owner, Role.OWNER)
    url = f"{MEMBERS}/{owner.pk}"
    second.is_active = False  # an owner who cannot sign in does not count
    second.save()
    answer = send(client, "PATCH", url, owner, role="member")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    second.is_active = True
    second.save()
    assert send(client, "PATCH", url, owner, role="member").status_code == 200
    assert Membership.objects.get(user=owner).role == "member"
    event = AuditEvent.objects.get(kind="member.role")
    assert event.detail == {"user": owner.pk, "before": "owner", "after": "member"}


def test_removing_stops_tokens_and_sessions_at_once_and_for_good(client: Client, owner: User) -> None:
    member = make_member(owner)
    _token, secret = make_token(member)
    browser = Client()
    browser.force_login(member)
    assert browser.get("/api/v1/account").status_code == 200
    assert send(client, "DELETE", f"{MEMBERS}/{member.pk}", owner).status_code == 204
    assert actor_from_token(secret) is None
    assert browser.get("/api/v1/account").status_code == 401
    answer = send(client, "PATCH", f"{MEMBERS}/{member.pk}", owner, active=True)
    assert answer.json()["active"] is True
    assert actor_from_token(secret) is None
    assert browser.get("/api/v1/account").status_code == 401


def test_letting_in_again_needs_a_seat(client: Client, owner: User) -> None:
    member = make_member(owner)
    send(client, "DELETE", f"{MEMBERS}/{member.pk}", owner)
    Team.objects.update(seats=1)
    assert send(client, "PATCH", f"{MEMBERS}/{member.pk}", owner, active=True).json()["code"] == "team_full"


def test_nobody_stops_themself_nor_a_team_owner_the_installations_administrator(client: Client, owner: User) -> None:
    assert send(client, "DELETE", f"{MEMBERS}/{owner.pk}", owner).json()["code"] == "not_allowed"
    staff = make_member(owner, is_admin=True)
    assert send(client, "DELETE", f"{MEMBERS}/{staff.pk}", owner).json()["code"] == "not_allowed"
    staff.refresh_from_db()
    assert staff.is_active


def test_an_administrator_of_the_installation_stops_anybody(client: Client, owner: User) -> None:
    assert send(client, "DELETE", f"{MEMBERS}/{owner.pk}", make_administrator()).status_code == 204
    owner.refresh_from_db()
    assert not owner.is_active


@pytest.mark.parametrize("body", [{}, {"role": "admin", "active": False}, {"active": "maybe"}, {"role": None}])
def test_a_change_is_one_thing(client: Client, owner: User, body: dict[str, Any]) -> None:
    member = make_member(owner)
    assert send(client, "PATCH", f"{MEMBERS}/{member.pk}", owner, **body).status_code == 400
