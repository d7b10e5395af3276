"""Sessions, devices and tokens end together."""

import pytest

from accounts.actions.login_flow import grant_login_flow, start_login_flow
from accounts.actions.tokens import revoke_everything, revoke_tokens
from accounts.authentication import actor_from_token
from accounts.errors import AccountNotFound, InvalidCredentials, NotAllowed, ReauthenticationRequired, ScopeMissing
from accounts.models import LoginFlow, User
from tests.support.people import SYSTEM, actor_of, make_administrator, make_token, make_user

pytestmark = pytest.mark.django_db


def test_everything_of_one_person_ends() -> None:
    user, other = make_user(), make_user()
    secret, kept = make_token(user)[1], make_token(other)[1]
    grant_login_flow(actor_of(user), login_secret=start_login_flow(SYSTEM).login_secret)
    epoch = user.session_epoch
    assert revoke_everything(actor_of(user)) == 1
    user.refresh_from_db()
    assert user.session_epoch == epoch + 1
    assert actor_from_token(secret) is None
    assert not LoginFlow.objects.exists()
    assert actor_from_token(kept)


def test_the_action_itself_refuses() -> None:
    user, other = make_user(), make_user()
    with pytest.raises(ReauthenticationRequired):
        revoke_everything(actor_of(user, proved_recently=False))
    with pytest.raises(ScopeMissing):
        revoke_everything(actor_of(user, scopes=frozenset({"read"})))
    with pytest.raises(NotAllowed):
        revoke_everything(actor_of(user), user_id=other.pk)
    with pytest.raises(AccountNotFound):
        revoke_tokens(actor_of(user), user_id=other.pk)
    with pytest.raises(AccountNotFound):
        revoke_everything(SYSTEM, user_id=10**9)


def test_an_administrator_does_it_for_somebody_as_long_as_they_are_one() -> None:
    user, administrator = make_user(), make_administrator()
    secret = make_token(user)[1]
    stale = actor_of(administrator)
    User.objects.filter(pk=administrator.pk).update(is_staff=False)
    with pytest.raises(NotAllowed):
        revoke_everything(stale, user_id=user.pk)
    assert actor_from_token(secret)
    User.objects.filter(pk=administrator.pk).update(is_staff=True)
    assert revoke_everything(stale, user_id=user.pk) == 1
    assert actor_from_token(secret) is None


def test_who_was_shut_out_meanwhile_ends_nothing() -> None:
    user = make_user()
    secret = make_token(user)[1]
    stale = actor_of(user)
    User.objects.filter(pk=user.pk).update(session_epoch=user.session_epoch + 1)
    with pytest.raises(InvalidCredentials):
        revoke_everything(stale)
    assert actor_from_token(secret)


def test_tokens_alone_leave_sessions() -> None:
    user = make_user()
    secret = make_token(user)[1]
    assert revoke_tokens(actor_of(user), user_id=user.pk) == 1
    assert actor_from_token(secret) is None
    assert User.objects.get(pk=user.pk).session_epoch == user.session_epoch
