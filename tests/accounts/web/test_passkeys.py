"""Passkeys: the endpoints of allauth that a browser's script talks to. The ceremony itself needs a browser."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import get_state
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.second_factor_forms import PasskeyLoginForm
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


def test_looking_at_the_page_makes_no_session(client: Client) -> None:
    """One row for each visit of anybody would fill the database."""
    for _ in range(40):
        answer = Client().get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
        assert "session" not in answer.cookies
    client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    client.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps({"id": "x", "response": {}})})
    assert not Session.objects.exists()


def test_the_answer_to_a_challenge_is_good_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's part is left out: whatever answers is right as long as there is a challenge."""
    user = make_user()
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "key", "credential": {}})
    states: list[object] = []

    def clean(form: PasskeyLoginForm) -> Authenticator:
        states.append(get_state())
        return key

    monkeypatch.setattr(PasskeyLoginForm, "clean_credential", clean)
    first = Client()
    first.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    copied = first.cookies["passkey"].value
    first.post("/accounts/2fa/webauthn/login/", {"credential": '{"id": "x"}'})
    assert first.get("/api/v1/account").status_code == 200
    second = Client()
    second.cookies["passkey"] = copied
    second.post("/accounts/2fa/webauthn/login/", {"credential": '{"id": "x"}'})
    assert second.get("/api/v1/account").status_code == 401
    assert states[0] == states[1]
    assert states[0]
