"""What is done in the pages of django-allauth is in the audit record, by whom and from where."""

import time
from typing import Any

import pytest
from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client, RequestFactory

from accounts.models import AuditEvent, User
from tests.support.people import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db
CODE_URL = "/accounts/2fa/authenticate/"


def kinds() -> list[str]:
    return list(AuditEvent.objects.exclude(principal="system:tests").order_by("pk").values_list("kind", flat=True))


def test_signing_in_and_out(client: Client) -> None:
    user = make_user()
    client.post("/accounts/login/", {"login": user.email, "password": "wrong"})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/logout/")
    assert kinds() == ["sign_in.failed", "sign_in", "sign_out"]
    last = AuditEvent.objects.latest("pk")
    assert (last.actor, last.target, last.team_id, last.address) == (
        user,
        user.email,
        user.membership.team_id,
        "127.0.0.1",
    )


def test_a_wrong_password_of_a_program(client: Client) -> None:
    import base64

    user = make_user()
    for _ in range(2):  # a client that sends the same wrong one again guesses no more
        pair = base64.b64encode(f"{user.email}:wrong".encode()).decode()
        client.get("/dav/", headers={"Authorization": f"Basic {pair}", "User-Agent": "rclone"})
    [event] = AuditEvent.objects.filter(kind="sign_in.failed")
    assert (event.target, event.client, event.actor) == (user.email, "rclone", None)


def test_second_factors(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    user = make_user()
    sign_in(client, user)
    with django_capture_on_commit_callbacks(execute=True):
        secret = _activate(client)
    assert kinds() == ["second_factor.add", "second_factor.add"], "the codes for recovery too"
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/recovery-codes/generate/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/deactivate/")
    assert kinds()[2:] == ["second_factor.renew", "second_factor.remove", "second_factor.remove"]
    added = AuditEvent.objects.filter(kind="second_factor.add").earliest("pk")
    assert (added.detail, added.target) == ({"user": user.pk, "kinds": ["totp"]}, user.email)
    assert secret not in str(AuditEvent.objects.values())


def _activate(client: Client) -> str:
    from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, format_hotp_value, hotp_value

    client.get("/accounts/2fa/totp/activate/")
    secret = client.session[SECRET_SESSION_KEY]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    return str(secret)


def test_a_wrong_code(client: Client) -> None:
    user = make_user()
    TOTP.activate(user, generate_totp_secret())
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post(CODE_URL, {"code": "000000"})
    assert kinds() == ["second_factor.failed"]
    assert AuditEvent.objects.latest("pk").actor == user


@pytest.mark.parametrize(
    ("signal", "kind", "further"),
    [
        (signals.email_added, "email.add", {}),
        (signals.email_confirmed, "email.confirm", {}),
        (signals.email_changed, "email.change", {"from_email_address": None}),
        (signals.email_removed, "email.remove", {}),
    ],
)
def test_addresses(signal: Any, kind: str, further: dict[str, Any]) -> None:
    """allauth sends these when it has done so; which of its pages are open is a matter of the templates."""
    user = make_user()
    address = EmailAddress(user=user, email="new@example.com")
    request = RequestFactory(REMOTE_ADDR="192.0.2.5").get("/")
    name = "to_email_address" if kind == "email.change" else "email_address"
    signal.send(sender=User, request=request, user=user, **{name: address}, **further)
    event = AuditEvent.objects.get(kind=kind)
    assert (event.target, event.actor, event.address) == ("new@example.com", user, "192.0.2.5")
