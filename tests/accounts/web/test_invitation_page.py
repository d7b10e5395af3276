"""The page behind the link of an invitation, with its real templates."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.invite import invite
from accounts.invitations import state_of
from accounts.models import Invitation, Membership, Team, User
from tests.support.mails import invitation_secret
from tests.support.people import PASSWORD, actor_of, make_member, make_user, sign_in

pytestmark = pytest.mark.django_db

EMAIL = "new@example.com"


@pytest.fixture
def plain_pages() -> None:
    """Instead of the fixture that replaces the templates."""


@pytest.fixture
def owner() -> User:
    user = make_user(name="Ada <b>")
    Team.objects.filter(pk=user.membership.team_id).update(seats=5, name="Works")
    invite(actor_of(user), email=EMAIL)
    return user


@pytest.fixture
def url(owner: User) -> str:
    return f"/accounts/invitation/{invitation_secret(EMAIL)}/"


def shown(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.content.decode()


def test_a_new_account_is_made_and_signed_in(client: Client, owner: User, url: str) -> None:
    text = shown(client, url)
    assert "Works" in text
    assert "Ada &lt;b&gt;" in text
    assert client.post(url, {"password": "1234"}).status_code == 422
    answer = client.post(url, {"password": PASSWORD, "name": "New"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/api/v1/account").json()["team"]["name"] == "Works"
    assert client.get("/").status_code == 200
    assert shown(Client(), url, 404)
    assert client.post("/settings/tokens/", {"name": "t", "scopes": ["read"], "expires": "7"}).status_code == 200


def test_an_account_signs_in_and_joins(client: Client, owner: User, url: str) -> None:
    user = make_user(EMAIL)
    assert f"/accounts/login/?next={url}" in shown(client, url)
    assert client.post(url, {"password": PASSWORD}).status_code == 200  # nothing to be done without signing in
    answer = client.post(f"/accounts/login/?next={url}", {"login": EMAIL, "password": PASSWORD, "next": url})
    assert answer.headers["Location"] == url
    assert "Join with this account" in shown(client, url)
    answer = client.post(url, {"accept": "1"}, follow=True)
    assert "Works" in str(next(iter(answer.context["messages"])))
    assert Membership.objects.get(user=user).team_id == owner.membership.team_id


def test_joining_by_an_old_session_asks_for_the_password(client: Client, owner: User, url: str) -> None:
    user = make_user(EMAIL)
    sign_in(client, user, seconds_ago=3600)
    asked = client.post(url, {"accept": "1"})
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    client.post(asked.headers["Location"], {"password": PASSWORD, "next": url})
    assert Membership.objects.get(user=user).team_id == owner.membership.team_id


def test_what_keeps_an_account_from_joining_is_said(client: Client, owner: User, url: str) -> None:
    user = make_user(EMAIL)
    make_member(user)
    sign_in(client, user)
    answer = client.post(url, {"accept": "1"})
    assert (answer.status_code, b"belongs to another team" in answer.content) == (422, True)
    assert state_of(Invitation.objects.get()) == "open"


def test_who_is_signed_in_as_somebody_else_is_told(client: Client, owner: User, url: str) -> None:
    other = make_user()
    sign_in(client, other)
    assert "another address" in shown(client, url)
    client.post(url, {"accept": "1", "password": PASSWORD})
    assert Membership.objects.get(user=other).team_id != owner.membership.team_id
    assert not User.objects.filter(email=EMAIL).exists()


def test_declining_needs_no_account(client: Client, owner: User, url: str) -> None:
    answer = client.post(url, {"decline": "1"})
    assert (answer.status_code, b"did not join" in answer.content) == (200, True)
    assert state_of(Invitation.objects.get()) == "declined"
    assert shown(client, url, 404)


def test_looking_changes_nothing(client: Client, owner: User, url: str) -> None:
    """Programs that check mails for viruses open every link."""
    for _ in range(2):
        shown(client, url)
        assert client.head(url).status_code == 200
    assert state_of(Invitation.objects.get()) == "open"


def test_all_that_is_not_open_looks_alike(client: Client, owner: User, url: str) -> None:
    wrong = shown(client, "/accounts/invitation/wrong/", 404)
    for field in ("accepted_at", "declined_at", "withdrawn_at", "expires_at"):
        before = getattr(Invitation.objects.get(), field)
        Invitation.objects.update(**{field: timezone.now()})
        assert shown(client, url, 404) == wrong
        assert client.post(url, {"password": PASSWORD}).status_code == 404
        Invitation.objects.update(**{field: before})
    assert shown(client, url) != wrong


def test_forms_need_their_token(owner: User, url: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    for data in ({"decline": "1"}, {"password": PASSWORD}):
        assert browser.post(url, data).status_code == 403
    assert state_of(Invitation.objects.get()) == "open"


def test_the_secret_is_in_no_log_of_requests(url: str, settings: Any) -> None:
    from dropbox_clone.web_server.access_log import shown as in_log

    assert in_log(url) == "/accounts/invitation/***/"
