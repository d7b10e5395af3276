"""manage.py changepassword, removesecondfactor, deleteaccount, revokeall; and what is not to be used."""

import io
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.authentication import actor_from_basic, actor_from_token
from accounts.errors import InvalidCredentials, PasswordRefused
from accounts.models import AuditEvent, Role, User
from files.actions.trash import remove_purged_rows
from files.models import Node, Space
from tests.support.people import PASSWORD, actor_of, make_member, make_token, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db

EMAIL = "anna@example.com"
NEW = "an entirely new one"


def run(*arguments: str, monkeypatch: pytest.MonkeyPatch | None = None, says: str = "") -> str:
    out = io.StringIO()
    if monkeypatch is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(says))
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("command", ["changepassword", "removesecondfactor", "deleteaccount", "revokeall"])
def test_they_ask_first_and_know_their_account(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    user = make_user(EMAIL)
    Authenticator.objects.create(user=user, type="totp", data={})
    secret = make_token(user)[1]
    with pytest.raises(CommandError, match="--yes"):
        run(command, EMAIL, monkeypatch=monkeypatch)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("no\n"))
    with pytest.raises(CommandError, match="Nothing was done"):
        run(command, EMAIL)
    user.refresh_from_db()
    assert (user.email, user.is_active, user.check_password(PASSWORD)) == (EMAIL, True, True)
    assert Authenticator.objects.exists()
    assert actor_from_token(secret)
    with pytest.raises(CommandError, match="There is no account"):
        run(command, "nobody@example.com", "--yes")


@pytest.mark.parametrize("revoke", [True, False])
def test_changepassword(monkeypatch: pytest.MonkeyPatch, revoke: bool) -> None:
    user = make_user(EMAIL)
    secret = make_token(user)[1]
    browser = Client()
    browser.force_login(user)
    options = ["--revoke"] if revoke else []
    run(
        "changepassword", EMAIL.upper(), "--yes", "--password-stdin", *options, monkeypatch=monkeypatch, says=f"{NEW}\n"
    )
    assert actor_from_basic(EMAIL, NEW).user_id == user.pk
    with pytest.raises(InvalidCredentials):
        actor_from_basic(EMAIL, PASSWORD)
    assert browser.get("/api/v1/account").status_code == 401
    assert (actor_from_token(secret) is None) is revoke
    event = AuditEvent.objects.get(kind="password.change")
    assert (event.actor, event.target, event.client) == (None, EMAIL, "changepassword")
    assert NEW not in str(AuditEvent.objects.values())


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(EMAIL)
    with pytest.raises(CommandError) as refused:
        run("changepassword", EMAIL, "--yes", "--password-stdin", monkeypatch=monkeypatch, says="short\n")
    assert isinstance(refused.value.__cause__, PasswordRefused)
    assert actor_from_basic(EMAIL, PASSWORD)


def test_removesecondfactor() -> None:
    user, other = make_user(EMAIL), make_user()
    for owner, kind in ((user, "totp"), (user, "webauthn"), (user, "recovery_codes"), (other, "totp")):
        Authenticator.objects.create(user=owner, type=kind, data={})
    assert "3 second factors" in run("removesecondfactor", EMAIL, "--yes")
    assert [row.user for row in Authenticator.objects.all()] == [other]
    assert actor_from_basic(EMAIL, PASSWORD).user_id == user.pk
    assert AuditEvent.objects.get(kind="second_factor.remove").detail["kinds"] == ["recovery_codes", "totp", "webauthn"]


def test_revokeall() -> None:
    user = make_user(EMAIL)
    secret = make_token(user)[1]
    browser = Client()
    browser.force_login(user)
    assert "1 devices and tokens" in run("revokeall", EMAIL, "--yes")
    assert actor_from_token(secret) is None
    assert browser.get("/api/v1/account").status_code == 401
    assert actor_from_basic(EMAIL, PASSWORD)


def test_deleteaccount_purges_the_home_and_frees_the_address() -> None:
    user = make_user(EMAIL, name="Anna")
    other = make_user()
    for path in ("folder/a", "b"):
        put(actor_of(user), path, b"some bytes")
    put(actor_of(other), "kept", b"other bytes")
    secret = make_token(user)[1]
    run("deleteaccount", EMAIL, "--yes")
    user.refresh_from_db()
    assert (user.is_active, user.name, user.has_usable_password()) == (False, "", False)
    assert user.email.endswith(".invalid")
    assert not EmailAddress.objects.filter(user=user).exists()
    assert actor_from_token(secret) is None
    assert user.quota.used_bytes == 0
    remove_purged_rows()
    home = Space.objects.get(owner=user)
    assert Node.objects.filter(space=home).count() == 1, "the root"
    assert Node.objects.filter(space__owner=other, name="kept").exists()
    event = AuditEvent.objects.get(kind="account.delete")
    assert event.target == EMAIL
    assert actor_from_basic(make_user(EMAIL).email, PASSWORD), "the address may be used again"


def test_the_last_owner_of_a_team_with_people_stays() -> None:
    owner = make_user(EMAIL)
    owner.membership.team.seats = None
    owner.membership.team.save()
    make_member(owner, Role.MEMBER)
    with pytest.raises(CommandError, match="owner"):
        run("deleteaccount", EMAIL, "--yes")
    owner.refresh_from_db()
    assert owner.is_active


@pytest.mark.parametrize("options", [{}, {"email": EMAIL, "interactive": False}])
def test_createsuperuser_says_what_to_use(options: dict[str, Any]) -> None:
    with pytest.raises((CommandError, TypeError)) as refused:
        call_command("createsuperuser", **options)
    assert "createaccount" in str(refused.value) or options
    assert not User.objects.exists()
