"""accounts.authentication: from a secret to an Actor."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone

from accounts import authentication, throttle
from accounts.actions.members import deactivate_account
from accounts.actions.tokens import revoke_token
from accounts.authentication import actor_from_basic, actor_from_token
from accounts.errors import InvalidCredentials, SecondFactorRequired, TooManyAttempts
from accounts.models import AccessToken, SignInThrottle
from accounts.tokens import new_secret, scopes_of
from tests.support.people import PASSWORD, actor_of, make_member, make_token, make_user

pytestmark = pytest.mark.django_db


def test_a_token_names_its_owner_and_carries_only_its_scopes() -> None:
    user = make_user(is_admin=True)
    token, secret = make_token(user, {"read", "write"})
    actor = actor_from_token(secret, client="rclone", address="192.0.2.7")
    assert actor is not None
    assert (actor.user_id, actor.team_id, actor.role) == (user.pk, user.membership.team_id, "owner")
    assert actor.scopes == {"read", "write"}
    assert (actor.client, actor.address) == ("rclone", "192.0.2.7")
    assert (actor.token_id, actor.is_staff) == (token.pk, True)


def test_a_token_costs_one_query(django_assert_num_queries: Any) -> None:
    _token, secret = make_token(make_user())
    actor_from_token(secret)  # writes last_used_at
    with django_assert_num_queries(1):
        assert actor_from_token(secret)


def test_last_use_is_written_at_most_once_a_minute(django_assert_num_queries: Any) -> None:
    token, secret = make_token(make_user())
    actor_from_token(secret)
    token.refresh_from_db()
    assert token.last_used_at is not None
    an_hour_ago = timezone.now() - timedelta(hours=1)
    AccessToken.objects.filter(pk=token.pk).update(last_used_at=an_hour_ago)
    actor_from_token(secret)
    token.refresh_from_db()
    assert token.last_used_at > an_hour_ago + timedelta(minutes=59)


def test_a_revoked_token_stops_at_once() -> None:
    user = make_user()
    token, secret = make_token(user)
    assert actor_from_token(secret)
    revoke_token(actor_of(user), token_id=token.pk)
    assert actor_from_token(secret) is None


def test_an_expired_token_stops() -> None:
    token, secret = make_token(make_user(), expires_at=timezone.now() + timedelta(seconds=30))
    assert actor_from_token(secret)
    AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(milliseconds=1))
    assert actor_from_token(secret) is None


def test_a_token_of_an_inactive_person_stops() -> None:
    user = make_user()
    _token, secret = make_token(user)
    user.is_active = False
    user.save()
    assert actor_from_token(secret) is None


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + "a", lambda s: s.swapcase(), lambda s: " " + s])
def test_only_the_exact_secret_is_a_token(change: Any) -> None:
    _token, secret = make_token(make_user())
    assert actor_from_token(change(secret)) is None


def test_only_the_hash_of_a_token_is_stored() -> None:
    token, secret = make_token(make_user())
    assert len(secret) == 44
    assert secret.startswith("dbx_")
    row = AccessToken.objects.filter(pk=token.pk).values_list().get()
    assert not [value for value in row if secret in str(value) or secret[12:] in str(value)]


def test_basic_with_a_token_needs_its_owners_address_in_any_case() -> None:
    user, other = make_user("anna@example.com"), make_user("bob@example.com")
    _token, secret = make_token(user, {"read"})
    assert actor_from_basic("ANNA@Example.com", secret).scopes == {"read"}
    with pytest.raises(InvalidCredentials):
        actor_from_basic(other.email, secret)
    assert not SignInThrottle.objects.exists()


def test_basic_with_the_password_is_the_whole_person(django_assert_num_queries: Any) -> None:
    user = make_user("anna@example.com")
    actor = actor_from_basic("Anna@example.com", PASSWORD)
    assert actor.user_id == user.pk
    assert actor.may("admin")
    with django_assert_num_queries(1):
        actor_from_basic("anna@example.com", PASSWORD)


def test_a_changed_password_stops_the_old_one_at_once() -> None:
    user = make_user()
    actor_from_basic(user.email, PASSWORD)
    user.set_password("another horse battery")
    user.save()
    with pytest.raises(InvalidCredentials):
        actor_from_basic(user.email, PASSWORD)
    assert actor_from_basic(user.email, "another horse battery").user_id == user.pk


def test_what_happens_to_an_account_holds_at_once_though_its_password_is_remembered() -> None:
    user = make_user()
    actor_from_basic(user.email, PASSWORD)
    owner = make_user()
    deactivated = make_member(owner)
    actor_from_basic(deactivated.email, PASSWORD)
    deactivate_account(actor_of(owner), user_id=deactivated.pk)
    with pytest.raises(InvalidCredentials):
        actor_from_basic(deactivated.email, PASSWORD)
    Authenticator.objects.create(user=user, type="totp", data={})
    with pytest.raises(SecondFactorRequired):
        actor_from_basic(user.email, PASSWORD)


def test_a_password_is_remembered_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(authentication.cache, "set", lambda *arguments: seen.append(arguments))
    actor_from_basic(make_user().email, PASSWORD)
    assert seen[0][2] <= 60


def test_what_is_remembered_needs_the_secret_key(settings: Any) -> None:
    user = make_user()
    row = authentication._password_row(user.email)
    assert row is not None
    key = authentication._password_cache_key(row, user.email, PASSWORD)
    settings.SECRET_KEY = "another-secret-key-another-secret-key"
    assert authentication._password_cache_key(row, user.email, PASSWORD) != key


def test_one_person_s_password_is_not_remembered_for_another() -> None:
    user, other = make_user(), make_user(password="a different long password")
    actor_from_basic(user.email, PASSWORD)
    with pytest.raises(InvalidCredentials):
        actor_from_basic(other.email, PASSWORD)


def test_guessing_is_slowed_though_a_password_is_remembered() -> None:
    user = make_user()
    actor_from_basic(user.email, PASSWORD, address="192.0.2.1")
    for number in range(throttle.ACCOUNT.free + 1):
        with pytest.raises(InvalidCredentials):
            actor_from_basic(user.email, f"guess {number}", address="192.0.2.66")
    with pytest.raises(TooManyAttempts):
        actor_from_basic(user.email, "one more guess", address="192.0.2.66")
    assert actor_from_basic(user.email, PASSWORD, address="192.0.2.1").user_id == user.pk  # no guess: it is known


def test_the_cache_never_holds_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(authentication.cache, "set", lambda *arguments: seen.append(str(arguments)))
    user = make_user()
    actor_from_basic(user.email, PASSWORD)
    assert len(seen) == 1
    assert "horse" not in seen[0]


def test_the_same_wrong_password_again_is_one_guess() -> None:
    user = make_user()
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            actor_from_basic(user.email, "an old password", address="192.0.2.1")
    assert {row.failures for row in SignInThrottle.objects.all()} == {1}


@pytest.mark.parametrize("kind", ["totp", "webauthn"])
def test_a_second_factor_means_no_password_in_basic(kind: str) -> None:
    user = make_user()
    Authenticator.objects.create(user=user, type=kind, data={})
    with pytest.raises(SecondFactorRequired):
        actor_from_basic(user.email, PASSWORD)
    with pytest.raises(InvalidCredentials):
        actor_from_basic(user.email, "not the password")
    _token, secret = make_token(user)
    assert actor_from_basic(user.email, secret).user_id == user.pk


def test_an_unverified_address_means_no_password_in_basic() -> None:
    user = make_user()
    EmailAddress.objects.filter(user=user).update(verified=False)
    with pytest.raises(InvalidCredentials):
        actor_from_basic(user.email, PASSWORD)


def test_an_unknown_or_inactive_account_is_just_invalid() -> None:
    user = make_user()
    user.is_active = False
    user.save()
    for email in (user.email, "nobody@example.com", ""):
        with pytest.raises(InvalidCredentials):
            actor_from_basic(email, PASSWORD)


def test_a_password_that_no_database_takes_is_just_invalid() -> None:
    for text in ("\x00", "\udcff", "ä" * 5000):
        with pytest.raises(InvalidCredentials):
            actor_from_basic(f"nobody{text}@example.com", "x")
        with pytest.raises(InvalidCredentials):
            actor_from_basic(make_user().email, text)


def test_scopes_are_read_as_the_driver_gives_them() -> None:
    token, _secret = make_token(make_user(), {"share"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT scopes FROM accounts_accesstoken WHERE id = %s", [token.pk])
        assert scopes_of(cursor.fetchone()[0]) == {"share"}
    assert actor_from_token(new_secret()) is None
