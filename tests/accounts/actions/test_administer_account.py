"""What an operator does for somebody: directly, as administrators and others call it."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.actions.administer_account import change_password, delete_account, remove_second_factor
from accounts.actor import Actor
from accounts.authentication import actor_from_basic, actor_from_token
from accounts.errors import AccountNotFound, InvalidCredentials, NotAllowed, PasswordRefused
from accounts.models import AuditEvent, User
from tests.support.people import PASSWORD, SYSTEM, actor_of, make_administrator, make_token, make_user

pytestmark = pytest.mark.django_db

NEW = "an entirely new one"


def acts(actor: Actor, user_id: int) -> "list[Any]":
    return [
        lambda: change_password(actor, user_id=user_id, password=NEW),
        lambda: remove_second_factor(actor, user_id=user_id),
        lambda: delete_account(actor, user_id=user_id),
    ]


def test_another_password_ends_sessions_and_if_wanted_tokens() -> None:
    user, administrator = make_user(), make_administrator()
    secret = make_token(user)[1]
    epoch = user.session_epoch
    change_password(actor_of(administrator), user_id=user.pk, password=NEW)
    user.refresh_from_db()
    assert user.session_epoch == epoch + 1
    assert actor_from_token(secret)
    assert actor_from_basic(user.email, NEW).user_id == user.pk
    change_password(actor_of(administrator), user_id=user.pk, password=PASSWORD, revoke=True)
    assert actor_from_token(secret) is None
    events = AuditEvent.objects.filter(kind="password.change")
    assert [event.actor for event in events] == [administrator, administrator]


def test_a_weak_password_changes_nothing() -> None:
    user = make_user()
    with pytest.raises(PasswordRefused):
        change_password(SYSTEM, user_id=user.pk, password="short")
    assert actor_from_basic(user.email, PASSWORD)


def test_second_factors_go() -> None:
    user = make_user()
    Authenticator.objects.create(user=user, type="totp", data={})
    assert remove_second_factor(SYSTEM, user_id=user.pk) == 1
    assert remove_second_factor(SYSTEM, user_id=user.pk) == 0


def test_an_account_may_be_deleted_once_more_after_an_interruption() -> None:
    user = make_user()
    email = user.email
    for _ in range(2):
        delete_account(actor_of(make_administrator()), user_id=user.pk)
        user.refresh_from_db()
        assert (user.is_active, user.email) == (False, f"deleted-{user.pk}@deleted.invalid")
    with pytest.raises(InvalidCredentials):
        actor_from_basic(email, PASSWORD)


def test_only_administrators_and_never_oneself() -> None:
    user, administrator = make_user(), make_administrator()
    for act in acts(actor_of(user), administrator.pk):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotAllowed):
        delete_account(actor_of(administrator), user_id=administrator.pk)
    assert User.objects.filter(is_active=True).count() == 2


def test_nobody_is_not_found() -> None:
    for act in acts(SYSTEM, 10**9):
        with pytest.raises(AccountNotFound):
            act()


def test_an_administrator_who_was_stopped_meanwhile_changes_nothing() -> None:
    user, administrator = make_user(), make_administrator()
    stale = actor_of(administrator)
    for change in ({"is_staff": False}, {"is_active": False}):
        User.objects.filter(pk=administrator.pk).update(**change)
        for act in acts(stale, user.pk):
            with pytest.raises((NotAllowed, InvalidCredentials)):
                act()
    assert actor_from_basic(user.email, PASSWORD).user_id == user.pk
