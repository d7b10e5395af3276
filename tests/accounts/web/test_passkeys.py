"""Passkeys: the doors of allauth that a browser's script talks to. The ceremony itself needs a browser."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_sign_in_by_passkey_offers_a_challenge_for_this_host(client: Client) -> None:
    answer = client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    options = answer.json()["request_options"]["publicKey"]
    assert options["rpId"] == "testserver"
    assert len(options["challenge"]) >= 22
    assert client.get("/api/v1/account").status_code == 401


@pytest.mark.parametrize("credential", ["", "{}", json.dumps({"id": "x", "response": {}}), "not json"])
def test_a_made_up_credential_signs_nobody_in(client: Client, credential: str) -> None:
    user = make_user()
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "key", "credential": {}})
    client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert client.get("/api/v1/account").status_code == 401


def test_a_passkey_is_a_second_factor_for_the_password(client: Client) -> None:
    user = make_user()
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "key", "credential": {}})
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/api/v1/account").status_code == 401


def test_adding_one_needs_the_password_again(client: Client) -> None:
    client.force_login(make_user())
    answer = client.get("/accounts/2fa/webauthn/add/")
    assert answer.status_code == 302
    assert "/accounts/reauthenticate/" in answer.headers["Location"]
