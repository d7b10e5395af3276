"""manage.py createaccount and createtoken."""

import io
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.authentication import actor_from_basic, actor_from_token
from accounts.models import AccessToken, AuditEvent, User
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def create_account(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = PASSWORD) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    out = io.StringIO()
    call_command("createaccount", *arguments, "--password-stdin", stdout=out)
    return out.getvalue()


def create_token(*arguments: str) -> str:
    out = io.StringIO()
    call_command("createtoken", *arguments, stdout=out)
    return out.getvalue()


def test_createaccount_makes_a_whole_account(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.DEFAULT_ACCOUNT_QUOTA = 123
    create_account(monkeypatch, "Anna@Example.com", "--name", "Anna Example")
    user = User.objects.get(email="anna@example.com")
    assert (user.name, user.is_staff, user.is_superuser) == ("Anna Example", False, False)
    assert (user.membership.role, user.membership.team.name) == ("owner", "Anna Example")
    assert user.quota.limit_bytes == 123
    assert user.membership.team.quota.limit_bytes is None
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("anna@example.com", True, True)
    assert actor_from_basic("anna@example.com", PASSWORD).user_id == user.pk
    assert AuditEvent.objects.filter(kind="account.create", target="anna@example.com").exists()


@pytest.mark.parametrize(
    ("quota", "limit"),
    [("10GB", 10**10), ("1.5 GiB", 3 * 2**29), ("7", 7), ("0", 0), ("none", None), ("2k", 2000)],
)
def test_createaccount_takes_a_quota(monkeypatch: pytest.MonkeyPatch, quota: str, limit: int | None) -> None:
    create_account(monkeypatch, "anna@example.com", "--quota", quota, "--admin")
    user = User.objects.get()
    assert user.quota.limit_bytes == limit
    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (["not an address"], PASSWORD, "not a valid e-mail"),
        (["anna@example.com"], "1234", "too short"),
        (["anna@example.com"], "anna@example.com", "too similar"),
        (["anna@example.com"], "", "no password"),
        (["anna@example.com", "--quota", "ten"], PASSWORD, "not a size"),
        (["anna@example.com", "--quota", "-1"], PASSWORD, "not a size"),
        (["anna@example.com", "--quota", "99999999999GB"], PASSWORD, "too large"),
        (["Taken@Example.COM"], PASSWORD, "exists already"),
    ],
)
def test_createaccount_refuses_in_one_line(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], password: str, words: str
) -> None:
    make_user("taken@example.com")
    with pytest.raises(CommandError, match=words) as caught:
        create_account(monkeypatch, *arguments, password=password)
    assert "\n" not in str(caught.value)
    assert User.objects.count() == 1


def test_createtoken_prints_only_the_token() -> None:
    user = make_user("anna@example.com")
    secret = create_token("Anna@example.com", "--name", "laptop", "--scopes", "write,read", "--expires", "30d")
    assert secret.endswith("\n")
    actor = actor_from_token(secret.strip())
    assert actor is not None
    assert (actor.user_id, set(actor.scopes)) == (user.pk, {"read", "write"})
    token = AccessToken.objects.get()
    assert (token.name, token.scopes) == ("laptop", ["read", "write"])
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody@example.com", "--name", "n"], "no active account"),
        (["anna@example.com", "--name", ""], "name"),
        (["anna@example.com", "--name", "n", "--scopes", "read,delete"], "scopes are"),
        (["anna@example.com", "--name", "n", "--scopes", ""], "scopes are"),
        (["anna@example.com", "--name", "n", "--expires", "0d"], "lifetime"),
        (["anna@example.com", "--name", "n", "--expires", "999999w"], "too long"),
    ],
)
def test_createtoken_refuses_in_one_line(arguments: list[str], words: str) -> None:
    make_user("anna@example.com")
    with pytest.raises(CommandError, match=words) as caught:
        create_token(*arguments)
    assert "\n" not in str(caught.value)
    assert not AccessToken.objects.exists()
