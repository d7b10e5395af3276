"""Sign-in by password, through allauth's pages."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, SignInThrottle
from tests.support.people import PASSWORD, make_administrator, make_user

pytestmark = pytest.mark.django_db

URL = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **headers: str) -> Any:
    return client.post(URL, {"login": email, "password": password}, headers=headers)


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/account").status_code == 200


def test_sign_in_in_any_case(client: Client) -> None:
    user = make_user("anna@example.com")
    answer = sign_in(client, "Anna@Example.com")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/api/v1/account").json()["id"] == str(user.pk)
    event = AuditEvent.objects.get(kind="sign_in")
    assert (event.actor, event.address) == (user, "127.0.0.1")


@pytest.mark.parametrize(("email", "password"), [("anna@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_wrong_or_unknown_is_the_same_answer(client: Client, email: str, password: str) -> None:
    make_user("anna@example.com")
    answer = sign_in(client, email, password)
    assert answer.status_code == 200
    assert "email address and/or password you specified are not correct" in answer.content.decode()
    assert AuditEvent.objects.get(kind="sign_in.failed").target == email
    assert not is_signed_in(client)


def test_the_session_key_changes_at_sign_in(client: Client) -> None:
    """Session fixation: a key that an attacker planted is worth nothing afterwards."""
    user = make_user()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["session"] = planted or ""
    sign_in(client, user.email)
    assert is_signed_in(client)
    assert client.cookies["session"].value != planted
    attacker = Client()
    attacker.cookies["session"] = planted or ""
    assert not is_signed_in(attacker)


def test_the_form_is_slowed_whatever_the_case_and_the_forged_header(client: Client) -> None:
    user = make_user("anna@example.com")
    for number in range(6):
        email = "".join(letter.upper() if number >> index & 1 else letter for index, letter in enumerate(user.email))
        sign_in(client, email, f"wrong {number}", **{"X-Forwarded-For": f"192.0.2.{number}"})
    answer = sign_in(client, user.email, **{"X-Forwarded-For": "198.51.100.1"})
    assert "Too many failed attempts" in answer.content.decode()
    assert not is_signed_in(client)
    rows = {row.key.partition(":")[0]: row.failures for row in SignInThrottle.objects.all()}
    assert rows == {"account": 5, "address": 5}
    SignInThrottle.objects.update(blocked_until=None)
    sign_in(client, user.email)
    assert is_signed_in(client)
    assert not SignInThrottle.objects.filter(key__startswith="account:").exists()


def test_basic_and_the_form_count_together(client: Client) -> None:
    import base64

    user = make_user()
    for number in range(6):
        pair = base64.b64encode(f"{user.email}:wrong {number}".encode()).decode()
        client.get("/api/v1/account", headers={"Authorization": f"Basic {pair}"})
    assert "Too many failed attempts" in sign_in(client, user.email).content.decode()


def test_sign_in_needs_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    user = make_user()
    assert sign_in(client, user.email).status_code == 403
    assert not is_signed_in(client)


def test_an_inactive_person_does_not_get_in(client: Client) -> None:
    user = make_user()
    user.is_active = False
    user.save()
    sign_in(client, user.email)
    assert not is_signed_in(client)


def test_sign_out_ends_the_session_on_the_server(client: Client) -> None:
    sign_in(client, make_user().email)
    copied = client.cookies["session"].value
    client.post("/accounts/logout/")
    client.cookies["session"] = copied
    assert not is_signed_in(client)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_no_redirect_to_elsewhere(client: Client, target: str) -> None:
    answer = client.post(f"{URL}?next={target}", {"login": make_user().email, "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


def test_the_admin_console_signs_in_through_the_same_page(client: Client) -> None:
    answer = client.get("/admin/login/?next=/admin/accounts/")
    assert answer.headers["Location"] == f"{URL}?next=/admin/accounts/"
    client.force_login(make_administrator())
    assert client.get("/admin/login/?next=/admin/accounts/").headers["Location"] == "/admin/accounts/"
    assert client.get("/admin/login/?next=//evil.example").headers["Location"] == "/admin/"
    client.force_login(make_user())
    assert client.get("/admin/login/").status_code == 403
