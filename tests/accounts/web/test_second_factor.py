"""TOTP and recovery codes, through allauth's pages."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client

from accounts.models import SignInThrottle, User
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db

CODE_URL = "/accounts/2fa/authenticate/"


@pytest.fixture
def secret() -> str:
    return generate_totp_secret()


@pytest.fixture
def user(secret: str) -> User:
    user = make_user()
    TOTP.activate(user, secret)
    return user


def step_now() -> int:
    """The number of this half minute. A test that sends several codes asks once, since another one may begin."""
    return int(time.time()) // 30


def code_at(secret: str, step: int) -> str:
    return format_hotp_value(hotp_value(secret, step))


def code_of(secret: str, steps: int = 0) -> str:
    return code_at(secret, step_now() + steps)


def password(client: Client, user: User) -> Any:
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/account").status_code == 200


def test_the_password_alone_is_not_enough(client: Client, user: User, secret: str) -> None:
    assert password(client, user).headers["Location"].startswith(CODE_URL)
    assert not is_signed_in(client)
    assert "Incorrect code" in client.post(CODE_URL, {"code": "000000"}).content.decode()
    assert not is_signed_in(client)
    client.post(CODE_URL, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_a_code_works_once_also_in_another_process(user: User, secret: str) -> None:
    first, second, step = Client(), Client(), step_now()
    for client in (first, second):
        password(client, user)
        client.post(CODE_URL, {"code": code_at(secret, step)})
        cache.clear()  # as another process would see it
    assert is_signed_in(first)
    assert not is_signed_in(second)
    second.post(CODE_URL, {"code": code_at(secret, step - 1)})
    assert not is_signed_in(second), "a code from before the used one"
    second.post(CODE_URL, {"code": code_at(secret, step + 1)})
    assert is_signed_in(second)


def test_guessing_codes_is_slowed_and_the_right_password_does_not_reset_it(user: User, secret: str) -> None:
    for number in range(6):
        client = Client()
        password(client, user)
        client.post(CODE_URL, {"code": f"{number:06}"})
    client = Client()
    password(client, user)
    answer = client.post(CODE_URL, {"code": code_of(secret)})
    assert "Too many failed attempts" in answer.content.decode()
    assert not is_signed_in(client)
    SignInThrottle.objects.update(blocked_until=None)
    client.post(CODE_URL, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_a_recovery_code_works_once(user: User) -> None:
    [code, *_rest] = RecoveryCodes.activate(user).generate_codes()
    first, second = Client(), Client()
    for client in (first, second):
        password(client, user)
        client.post(CODE_URL, {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_the_secret_is_encrypted_in_the_database(user: User, secret: str, settings: Any) -> None:
    stored = Authenticator.objects.get(user=user).data["secret"]
    assert secret not in stored
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key after the old one was rotated out"
    client = Client()
    password(client, user)
    client.post(CODE_URL, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_basic_refuses_the_password_with_a_clear_code(client: Client, user: User) -> None:
    import base64

    pair = base64.b64encode(f"{user.email}:{PASSWORD}".encode()).decode()
    answer = client.get("/api/v1/account", headers={"Authorization": f"Basic {pair}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")


def test_a_lost_key_is_said_and_logged(
    client: Client, user: User, secret: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Instead of "You may not do that" for a right code, and nothing anywhere."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key, and nobody kept the old one", []
    password(client, user)
    answer = client.post(CODE_URL, {"code": code_of(secret)})
    assert answer.status_code == 200
    assert "cannot read your second factor" in answer.content.decode()
    assert "sealed with another SECRET_KEY" in caplog.text
