"""A browser that signed in before has a counter of its own: no stranger's guesses keep its owner out."""

import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from accounts import throttle
from accounts.models import SignInThrottle, User
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db

CODE_URL = "/accounts/2fa/authenticate/"


def sign_in(client: Client, user: User, password: str = PASSWORD, **meta: Any) -> Any:
    return client.post("/accounts/login/", {"login": user.email, "password": password}, **meta)


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/account").status_code == 200


def attack(user: User, **meta: Any) -> None:
    for number in range(throttle.ACCOUNT.free + 3):
        sign_in(Client(), user, f"guess {number}", **meta)
    SignInThrottle.objects.filter(key__startswith="account:").update(blocked_until="2999-01-01T00:00:00Z")


def known_browser(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)
    return client


def test_the_owner_gets_in_where_they_were_before_while_a_stranger_guesses() -> None:
    user = make_user()
    client = known_browser(user)
    attack(user)
    stranger = Client()
    sign_in(stranger, user)
    assert not is_signed_in(stranger), "the right password, from an unknown browser, in the time of an attack"
    sign_in(client, user)
    assert is_signed_in(client)
    assert SignInThrottle.objects.get(key__startswith="account:").failures, (
        "the stranger's counter is not reset by that"
    )


def test_a_known_browser_behind_a_blocked_address_too() -> None:
    user = make_user()
    client = known_browser(user)
    SignInThrottle.objects.filter(key__startswith="address:").update(blocked_until="2999-01-01T00:00:00Z")
    sign_in(client, user)
    assert is_signed_in(client)


def test_a_known_browser_is_slowed_itself() -> None:
    user = make_user()
    client = known_browser(user)
    for number in range(throttle.ACCOUNT.free + 1):
        sign_in(client, user, f"guess {number}")
    assert "Too many failed attempts" in sign_in(client, user).content.decode()
    assert not SignInThrottle.objects.filter(key__startswith="account:").exists()


def test_a_browser_is_known_for_its_own_accounts_only() -> None:
    user, other = make_user(), make_user()
    client = known_browser(other)
    attack(user)
    sign_in(client, user)
    assert not is_signed_in(client)


@pytest.mark.parametrize("cookie", ["", "x", "e30:1:abc", "a" * 5000])
def test_an_invented_cookie_is_none(cookie: str) -> None:
    user = make_user()
    attack(user)
    client = Client()
    client.cookies["device"] = cookie
    sign_in(client, user)
    assert not is_signed_in(client)


def test_the_cookie_names_nobody_and_no_script_reads_it() -> None:
    user = make_user("anna@example.com")
    morsel = known_browser(user).cookies["device"]
    assert "anna" not in morsel.value
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"


def test_a_second_factor_too() -> None:
    user, secret = make_user(), generate_totp_secret()
    client = known_browser(user)
    TOTP.activate(user, secret)
    for number in range(throttle.ACCOUNT.free + 3):
        stranger = Client()
        sign_in(stranger, user)
        stranger.post(CODE_URL, {"code": f"{number:06}"})
    SignInThrottle.objects.filter(key__startswith="factor:").update(blocked_until="2999-01-01T00:00:00Z")
    sign_in(client, user)
    client.post(CODE_URL, {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    assert is_signed_in(client)


def test_a_burst_of_guesses_at_one_account_does_not_shut_out_its_neighbours() -> None:
    """Everybody behind one address: an office, a school, a mobile network."""
    user, neighbour = make_user(), make_user()
    for number in range(40):
        sign_in(Client(), user, f"guess {number}")
    client = Client()
    sign_in(client, neighbour)
    assert is_signed_in(client)
