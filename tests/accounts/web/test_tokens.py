"""The token pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authentication import actor_from_token
from accounts.models import AccessToken, User
from tests.support.people import make_token, make_user, sign_in

pytestmark = pytest.mark.django_db

URL = "/settings/tokens/"
NEW = {"name": "laptop", "scopes": ["read", "write"], "expires": "30"}


def test_pages_need_a_sign_in() -> None:
    client = Client()
    assert client.get(URL).headers["Location"] == f"/accounts/login/?next={URL}"
    assert client.post(URL, NEW).status_code == 302
    assert client.post(f"{URL}1/revoke/").status_code == 302
    assert not AccessToken.objects.exists()


def test_list_shows_only_mine(client: Client, user: User) -> None:
    token, _secret = make_token(user)
    make_token(make_user())
    page = client.get(URL)
    assert [row.pk for row in page.context["tokens"]] == [token.pk]
    assert "no-store" in page.headers["Cache-Control"]
    assert page.context["form"].initial == {}


def test_create_shows_the_secret_once(client: Client, user: User) -> None:
    answer = client.post(URL, NEW)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret = answer.context["new_token"]
    actor = actor_from_token(secret)
    assert actor is not None
    assert (actor.user_id, set(actor.scopes)) == (user.pk, {"read", "write"})
    token = AccessToken.objects.get()
    assert answer.context["token"] == token
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert secret not in client.get(URL).content.decode()
    assert secret not in str(dict(client.session))


def test_a_token_without_an_end(client: Client, user: User) -> None:
    client.post(URL, {**NEW, "expires": ""})
    assert AccessToken.objects.get().expires_at is None


@pytest.mark.parametrize("change", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"expires": "99999"}])
def test_a_bad_form_is_refused(client: Client, user: User, change: dict[str, object]) -> None:
    answer = client.post(URL, {**NEW, **change})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not AccessToken.objects.exists()


def test_revoke(client: Client, user: User) -> None:
    token, secret = make_token(user)
    assert client.get(f"{URL}{token.pk}/revoke/").status_code == 405
    assert actor_from_token(secret)
    assert client.post(f"{URL}{token.pk}/revoke/").headers["Location"] == URL
    assert actor_from_token(secret) is None


def test_nobody_elses_token_exists(client: Client, user: User) -> None:
    token, secret = make_token(make_user())
    assert client.post(f"{URL}{token.pk}/revoke/").status_code == 404
    assert actor_from_token(secret)


def test_pages_need_the_csrf_token(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, user)
    token, secret = make_token(user)
    assert client.post(URL, NEW).status_code == 403
    assert client.post(f"{URL}{token.pk}/revoke/").status_code == 403
    assert actor_from_token(secret)
    assert AccessToken.objects.count() == 1
