"""accounts.actions.tokens.revoke_token: one's own, or anybody's for an administrator."""

import pytest

from accounts.actions.tokens import revoke_token
from accounts.authentication import actor_from_token
from accounts.errors import ScopeMissing, TokenNotFound
from accounts.models import AccessToken, AuditEvent
from tests.support.people import actor_of, make_administrator, make_token, make_user

pytestmark = pytest.mark.django_db


def test_it_stops_and_twice_is_once() -> None:
    user = make_user()
    token, secret = make_token(user)
    assert actor_from_token(secret) is not None
    revoke_token(actor_of(user), token_id=token.pk)
    assert actor_from_token(secret) is None
    first = AccessToken.objects.get(pk=token.pk).revoked_at
    revoke_token(actor_of(user), token_id=token.pk)
    assert AccessToken.objects.get(pk=token.pk).revoked_at == first
    assert AuditEvent.objects.filter(kind="token.revoke").count() == 1


def test_a_narrow_token_revokes_itself_only() -> None:
    user = make_user()
    token, secret = make_token(user, {"read"})
    other, other_secret = make_token(user)
    actor = actor_from_token(secret)
    assert actor is not None
    with pytest.raises(ScopeMissing):
        revoke_token(actor, token_id=other.pk)
    revoke_token(actor, token_id=token.pk)
    assert actor_from_token(secret) is None
    assert actor_from_token(other_secret) is not None


def test_somebody_elses_does_not_exist_but_for_administrators() -> None:
    token, secret = make_token(make_user())
    for token_id in (token.pk, 10**9):
        with pytest.raises(TokenNotFound):
            revoke_token(actor_of(make_user()), token_id=token_id)
    assert actor_from_token(secret) is not None
    revoke_token(actor_of(make_administrator()), token_id=token.pk)
    assert actor_from_token(secret) is None
