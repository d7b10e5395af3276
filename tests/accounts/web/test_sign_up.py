"""Sign-up, verification and password reset, through allauth's pages."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.tasks import send_mail
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db

URL = "/accounts/signup/"
NEW = {"email": "New@Example.com", "password1": PASSWORD, "name": "New Person"}


@pytest.fixture
def open_sign_up(settings: Any) -> None:
    settings.SIGNUP = "open"


def link_in_mail() -> str:
    send_mail()
    [message] = mail.outbox
    match = re.search(r"https?://[^/\s]+(/\S+)", str(message.body))
    assert match
    mail.outbox.clear()
    return match[1]


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/account").status_code == 200


def test_closed_by_default(client: Client) -> None:
    client.post(URL, NEW)
    assert not User.objects.exists()
    assert not mail.outbox


@pytest.mark.usefixtures("open_sign_up")
def test_sign_up_makes_a_whole_account_that_must_verify_its_address(client: Client, settings: Any) -> None:
    settings.DEFAULT_ACCOUNT_QUOTA = 4242
    assert client.post(URL, NEW).status_code == 302
    user = User.objects.get()
    assert (user.email, user.name, user.is_staff) == ("new@example.com", "New Person", False)
    assert (user.membership.role, user.membership.team.seats) == ("owner", 1)
    assert user.quota.limit_bytes == 4242
    assert not is_signed_in(client)
    link = link_in_mail()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert not is_signed_in(client)
    client.get(link)  # a mail scanner follows links: that must not verify
    assert not EmailAddress.objects.get(user=user).verified
    client.post(link)
    assert EmailAddress.objects.get(user=user).verified
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert is_signed_in(client)


@pytest.mark.usefixtures("open_sign_up")
def test_a_known_address_gets_the_same_answer_and_a_mail(client: Client) -> None:
    make_user("new@example.com")
    known = client.post(URL, NEW)
    unknown = Client().post(URL, {**NEW, "email": "other@example.com"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert User.objects.filter(email="new@example.com").count() == 1
    assert not is_signed_in(client)


@pytest.mark.usefixtures("open_sign_up")
@pytest.mark.parametrize("password", ["short", "password123", "new@example.com"])
def test_a_weak_password_is_refused(client: Client, password: str) -> None:
    assert client.post(URL, {**NEW, "password1": password}).status_code == 200
    assert not User.objects.exists()


def test_reset_ends_other_sessions_and_signs_nobody_in(client: Client) -> None:
    user = make_user("anna@example.com")
    elsewhere = Client()
    elsewhere.force_login(user)
    client.post("/accounts/password/reset/", {"email": "Anna@example.com"})
    link = link_in_mail()
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "an entirely new one", "password2": "an entirely new one"})
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(client)
    mail.outbox.clear()
    client.post("/accounts/login/", {"login": user.email, "password": "an entirely new one"})
    assert is_signed_in(client)


def test_a_reset_link_works_once(client: Client) -> None:
    user = make_user("anna@example.com")
    client.post("/accounts/password/reset/", {"email": "anna@example.com"})
    link = link_in_mail()
    for password in ("an entirely new one", "used a second time"):
        chain = client.get(link, follow=True).redirect_chain
        client.post(chain[-1][0] if chain else link, {"password1": password, "password2": password})
    user.refresh_from_db()
    assert user.check_password("an entirely new one")


def test_reset_of_an_unknown_address_sends_nothing_and_says_the_same(client: Client) -> None:
    make_user("anna@example.com")
    known = client.post("/accounts/password/reset/", {"email": "anna@example.com"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    send_mail()
    assert len(mail.outbox) == 1


def test_reset_mails_to_one_person_are_limited(client: Client) -> None:
    make_user("anna@example.com")
    for _ in range(6):
        client.post("/accounts/password/reset/", {"email": "anna@example.com"})
    send_mail()
    assert len(mail.outbox) == 3


def test_a_changed_password_keeps_this_session_and_ends_the_others(client: Client) -> None:
    user = make_user()
    elsewhere = Client()
    elsewhere.force_login(user)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    change = {"oldpassword": PASSWORD, "password1": "an entirely new one", "password2": "an entirely new one"}
    client.post("/accounts/password/change/", change)
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
