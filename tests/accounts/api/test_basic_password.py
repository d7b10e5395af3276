"""The person's own password as Basic auth, through REST: what holds for it holds at once."""

import base64
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import throttle
from accounts.models import User
from tests.support.people import PASSWORD, make_token, make_user

pytestmark = pytest.mark.django_db

URL = "/api/v1/account"


def ask(email: str, password: str, address: str = "192.0.2.1") -> Any:
    value = base64.b64encode(f"{email}:{password}".encode()).decode()
    return Client(REMOTE_ADDR=address).get(URL, headers={"Authorization": f"Basic {value}"})


def test_a_password_and_a_token_let_in() -> None:
    user = make_user()
    assert ask(user.email, PASSWORD).json()["email"] == user.email
    assert ask(user.email, PASSWORD).status_code == 200
    assert ask(user.email, make_token(user)[1]).status_code == 200


def test_a_changed_password_stops_the_old_one() -> None:
    user = make_user()
    assert ask(user.email, PASSWORD).status_code == 200
    user.set_password("another horse battery")
    user.save()
    assert ask(user.email, PASSWORD).status_code == 401
    assert ask(user.email, "another horse battery").status_code == 200


def test_a_stopped_account_stops() -> None:
    user = make_user()
    assert ask(user.email, PASSWORD).status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert ask(user.email, PASSWORD).status_code == 401


def test_a_second_factor_asks_for_an_app_password() -> None:
    user = make_user()
    assert ask(user.email, PASSWORD).status_code == 200
    Authenticator.objects.create(user=user, type="totp", data={})
    refused = ask(user.email, PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (401, "second_factor_required")
    assert "app password" in refused.json()["detail"]
    assert ask(user.email, make_token(user)[1]).status_code == 200


def test_guessing_is_slowed_and_tokens_are_not() -> None:
    user = make_user()
    _token, secret = make_token(user)
    for number in range(throttle.ACCOUNT.free + 1):
        assert ask(user.email, f"guess {number}").status_code == 401
    slowed = ask(user.email, PASSWORD)
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) >= 1
    assert ask(user.email, secret).status_code == 200
