"""Whether there is an account with some address is told to nobody: not by a status, a text or a mail server."""

import base64
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts import authentication, outgoing_mail, throttle
from accounts.models import OutgoingMail
from accounts.tasks import send_mail
from dropbox_clone.checks import check_sign_up
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db

KNOWN, UNKNOWN = "anna@example.com", "nobody@example.com"
RESET = "/accounts/password/reset/"


def ask(email: str, password: str) -> tuple[int, Any]:
    pair = base64.b64encode(f"{email}:{password}".encode()).decode()
    answer = Client().get("/api/v1/account", headers={"Authorization": f"Basic {pair}"})
    return answer.status_code, answer.json()


def test_repeated_wrong_passwords_answer_alike() -> None:
    """The same one again and again, as a sync client with an old password does; then different ones."""
    make_user(KNOWN)
    passwords = ["wrong"] * 12 + [f"wrong {number}" for number in range(12)]
    answers = {email: [ask(email, password) for password in passwords] for email in (KNOWN, UNKNOWN)}
    assert answers[KNOWN] == answers[UNKNOWN]
    assert [status for status, _ in answers[KNOWN]] == [401] * 16 + [429] * 8


def test_an_unknown_account_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(KNOWN)
    hashed: list[str] = []
    for name in ("check_password", "make_password"):
        real = getattr(authentication, name)
        monkeypatch.setattr(
            authentication, name, lambda *arguments, real=real: hashed.append(arguments[0]) or real(*arguments)
        )
    for email in (KNOWN, UNKNOWN):
        ask(email, "wrong")
    assert hashed == ["wrong", "wrong"]


def queries(client: Client, email: str, capture: Any) -> list[str]:
    with capture() as captured:
        answer = client.post(RESET, {"email": email})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{RESET}done/")
    return [query["sql"].partition(" VALUES")[0] for query in captured.captured_queries]


def test_a_reset_does_the_same_for_known_and_unknown(django_assert_max_num_queries: Any) -> None:
    make_user(KNOWN)
    done = [queries(Client(), email, lambda: django_assert_max_num_queries(5)) for email in (KNOWN, UNKNOWN)]
    assert done[0] == done[1]
    assert OutgoingMail.objects.count() == 2
    assert not mail.outbox
    send_mail()
    assert [message.to for message in mail.outbox] == [[KNOWN]]
    assert not OutgoingMail.objects.exists()


def test_links_in_reset_mails_are_of_base_url(settings: Any) -> None:
    settings.BASE_URL = "https://files.example.com"
    make_user(KNOWN)
    Client().post(RESET, {"email": KNOWN}, headers={"Host": "localhost"})
    send_mail()
    assert "https://files.example.com/accounts/password/reset/key/" in str(mail.outbox[0].body)
    assert "localhost" not in str(mail.outbox[0].body)


def test_what_waits_in_the_database_is_sealed() -> None:
    outgoing_mail.queue("password_reset", email=KNOWN)
    [row] = OutgoingMail.objects.values_list("sealed", flat=True)
    assert KNOWN not in row


def test_a_mail_server_that_does_not_answer_is_tried_again_and_holds_nobody(settings: Any) -> None:
    make_user(KNOWN)
    make_user("bob@example.com")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens
    for email in (KNOWN, "bob@example.com"):
        assert Client().post(RESET, {"email": email}).status_code == 302
    assert send_mail() == 0
    tried = sorted(OutgoingMail.objects.values_list("attempts", flat=True))
    assert tried == [0, 1], "the first failure ends the run"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutgoingMail.objects.update(due_at="2020-01-01T00:00:00Z")
    assert send_mail() == 2
    assert {address for message in mail.outbox for address in message.to} == {KNOWN, "bob@example.com"}


def test_without_a_mail_server_the_page_says_so_and_nothing_is_written_down(
    settings: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MAIL_IS_SENT = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    make_user(KNOWN)
    for email in (KNOWN, UNKNOWN):
        answer = Client().post(RESET, {"email": email})
        assert answer.status_code == 200
        assert "cannot send e-mail" in answer.content.decode()
    outgoing_mail.queue("password_reset", email=KNOWN)
    send_mail()
    assert not OutgoingMail.objects.exists()
    said = caplog.text + capsys.readouterr().out + capsys.readouterr().err
    assert "reset/key" not in said
    assert KNOWN not in said


@pytest.mark.parametrize("signup", ["open", "closed"])
def test_nobody_signs_up_where_no_address_can_be_verified(settings: Any, signup: str) -> None:
    settings.SIGNUP, settings.MAIL_IS_SENT = signup, False
    Client().post("/accounts/signup/", {"email": KNOWN, "password1": PASSWORD})
    assert not OutgoingMail.objects.exists()
    assert ask(KNOWN, PASSWORD)[0] == 401


def test_reset_keys_are_slowed_by_address_and_account_together() -> None:
    user = make_user(KNOWN)
    client = Client()
    client.post(RESET, {"email": KNOWN})
    send_mail()
    link = str(mail.outbox[0].body).partition("://")[2].partition("/")[2].split()[0]
    uid = link.partition("/key/")[2].partition("-")[0]
    stranger = Client(REMOTE_ADDR="198.51.100.1")
    said = [stranger.get(f"/accounts/password/reset/key/{uid}-x{number}-y/").status_code for number in range(9)]
    assert said == [200] * 9
    assert not client.get(f"/{link}", follow=True).context["form"].errors
    assert client.get(f"/{link}").status_code == 302, "the one with the link is not slowed by a stranger"
    blocked = stranger.get(f"/{link}")
    assert blocked.status_code == 200, "the right key, but not tried any more"
    assert throttle.RESET_KEY.by_address
    assert user.pk


def test_open_sign_up_without_a_mail_server_is_a_warning_of_the_start(settings: Any) -> None:
    assert check_sign_up() == []
    settings.SIGNUP = "open"
    assert check_sign_up() == []
    settings.MAIL_IS_SENT = False
    assert [warning.id for warning in check_sign_up()] == ["dropbox_clone.W005"]
