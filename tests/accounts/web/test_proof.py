"""What outlives a session asks for the password again when the last proof is older than PROOF_LIFETIME."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.actions.login_flow import start_login_flow
from accounts.authentication import actor_from_token
from accounts.models import AccessToken, AuditEvent, LoginFlow, OutgoingMail, User
from tests.support.people import PASSWORD, SYSTEM, make_token, make_user, sign_in

pytestmark = pytest.mark.django_db

ASKS = "/accounts/reauthenticate/"
TOKEN = {"name": "laptop", "scopes": ["read"], "expires": "30"}
OLD = 15 * 60 + 1


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def flow_page() -> str:
    return "/index.php/login/v2/flow/" + start_login_flow(replace(SYSTEM, client="mirall/3")).login_secret


@pytest.mark.parametrize("page", ["/settings/tokens/", "/settings/devices/", "flow", "/settings/revoke/"])
def test_an_old_session_is_asked_and_then_goes_on(client: Client, user: User, flow_page: str, page: str) -> None:
    page = flow_page if page == "flow" else page
    before = make_token(user)[1] if "revoke" in page else ""
    data = {**TOKEN, "grant": "1"}
    sign_in(client, user, seconds_ago=OLD)
    assert client.get(page).status_code == 200, "looking needs no proof"
    asked = client.post(page, data)
    assert (asked.status_code, asked.headers["Location"].partition("?")[0]) == (302, ASKS)
    assert AccessToken.objects.filter(revoked_at=None).count() == (1 if before else 0)
    assert not LoginFlow.objects.filter(granted_at__isnull=False).exists()
    wrong = client.post(asked.headers["Location"], {"password": "wrong", "next": page})
    assert wrong.status_code == 200
    done = client.post(asked.headers["Location"], {"password": PASSWORD, "next": page})
    assert done.status_code in (200, 302), "what was sent before is done now"
    if "flow" in page:
        assert LoginFlow.objects.get().granted_at
    elif before:
        assert actor_from_token(before) is None
        assert client.get("/api/v1/account").status_code == 200
    else:
        assert AccessToken.objects.count() == 1


@pytest.mark.parametrize("page", ["/settings/tokens/", "/settings/devices/"])
def test_a_sign_in_is_proof_for_a_while(client: Client, user: User, page: str, settings: Any) -> None:
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert client.post(page, TOKEN).status_code == 200
    settings.PROOF_LIFETIME = timedelta(seconds=-1)
    assert client.post(page, TOKEN).status_code == 302
    assert AccessToken.objects.count() == 1


@pytest.mark.parametrize("page", ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"])
def test_second_factors_and_passkeys_too(client: Client, user: User, page: str) -> None:
    sign_in(client, user, seconds_ago=OLD)
    assert client.get(page).headers["Location"].startswith(ASKS)
    sign_in(client, user, seconds_ago=OLD - 10)
    assert client.get(page).status_code == 200
    assert not Authenticator.objects.exists()


def test_somebody_else_s_proof_in_the_same_session_is_none(client: Client, user: User) -> None:
    sign_in(client, user)
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk + 1)
    session.save()
    assert client.post("/settings/tokens/", TOKEN).status_code == 302


def test_revoking_everything_ends_other_sessions_devices_tokens_and_flows(client: Client, user: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, user)
    secrets = [make_token(user)[1], make_token(user, kind="app_password")[1]]
    other = make_token(make_user())[1]
    sign_in(client, user)
    assert client.get("/settings/revoke/").status_code == 200
    assert actor_from_token(secrets[0]), "asking does nothing"
    assert client.post("/settings/revoke/").headers["Location"] == "/settings/devices/"
    assert [actor_from_token(secret) for secret in secrets] == [None, None]
    assert elsewhere.get("/api/v1/account").status_code == 401
    assert client.get("/api/v1/account").status_code == 200
    assert actor_from_token(other)
    event = AuditEvent.objects.get(kind="account.revoke_everything")
    assert (event.actor, event.detail) == (user, {"user": user.pk, "tokens": 2})


@pytest.mark.parametrize("revoke", [True, False])
def test_a_changed_password_offers_it(client: Client, user: User, revoke: bool) -> None:
    secret = make_token(user)[1]
    sign_in(client, user)
    new = "an entirely new one"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new, **({"revoke": "on"} if revoke else {})}
    assert "revoke" in client.get("/accounts/password/change/").context["form"].fields
    client.post("/accounts/password/change/", data)
    assert client.get("/api/v1/account").status_code == 200
    assert (actor_from_token(secret) is None) is revoke


def test_the_old_password_cannot_be_guessed_by_the_change_page(client: Client, user: User) -> None:
    sign_in(client, user)
    for number in range(5):
        data = {
            "oldpassword": f"guess {number}",
            "password1": "an entirely new one",
            "password2": "an entirely new one",
        }
        client.post("/accounts/password/change/", data)
    answer = client.post("/accounts/password/change/", {**data, "oldpassword": PASSWORD})
    assert "Too many failed attempts" in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_another_address_for_the_account_too(client: Client, user: User) -> None:
    """Whoever adds an address can have the password reset by it."""
    sign_in(client, user, seconds_ago=OLD)
    answer = client.post("/accounts/email/", {"action_add": "1", "email": "evil@example.com"})
    assert answer.headers["Location"].startswith(ASKS)
    assert not OutgoingMail.objects.exists()
