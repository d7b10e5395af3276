"""Every page of accounts renders with the project's own templates."""

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import LazySettings
from django.test import Client

from accounts.setup import create_setup_link
from tests.support.people import PASSWORD, make_token, make_user, sign_in

pytestmark = pytest.mark.django_db

ANONYMOUS = ["login/", "signup/", "password/reset/", "password/reset/done/", "confirm-email/"]
SIGNED_IN = [
    "/settings/tokens/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
]


@pytest.fixture
def plain_pages() -> None:
    """Instead of the fixture that replaces the templates."""


@pytest.mark.parametrize("sign_up", ["open", "closed"])
@pytest.mark.parametrize("page", ANONYMOUS)
def test_pages_before_sign_in(client: Client, settings: LazySettings, page: str, sign_up: str) -> None:
    settings.SIGNUP = sign_up
    assert_page(client.get(f"/accounts/{page}"))


@pytest.mark.parametrize("page", SIGNED_IN)
def test_pages_after_sign_in(client: Client, page: str) -> None:
    user = make_user()
    make_token(user)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})  # for changes of second factors
    assert_page(client.get(page))


def test_pages_of_a_second_factor(client: Client) -> None:
    user = make_user()
    TOTP.activate(user, generate_totp_secret())
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert_page(client.get("/accounts/2fa/authenticate/"))
    sign_in(client, user)
    assert_page(client.get("/accounts/2fa/"))


def test_the_set_up_page_and_the_new_token(client: Client) -> None:
    link = create_setup_link("")
    assert link
    assert_page(client.get(link))
    sign_in(client, make_user())
    page = client.post("/settings/tokens/", {"name": "n", "scopes": ["read"], "expires": "7"})
    assert_page(page)
    assert page.context["new_token"] in page.content.decode()


def assert_page(answer: Any) -> None:
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<h1" in text
    assert "<html lang=" in text
