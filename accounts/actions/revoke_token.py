"""Take an access token back. It stops with the next request, in every process."""

from django.utils import timezone

from accounts.actor import ADMIN, Actor
from accounts.audit import record
from accounts.errors import TokenNotFound
from accounts.models import AccessToken, User
from accounts.permissions import is_administrator, require_scope
from accounts.queries import own_id
from accounts.unit_of_work import Lock, unit_of_work


def revoke_token(actor: Actor, *, token_id: int) -> None:
    """Own tokens, or anybody's for an administrator. Twice is the same as once.

    A token may always revoke itself (`actor.token_id`); others only with the admin scope.
    Raises TokenNotFound, ScopeMissing.
    """
    locks = Lock(User, actor.user_id, share=True), Lock(AccessToken, actor.token_id, token_id)
    with unit_of_work(actor, *locks) as actor:
        if actor.token_id != token_id:
            require_scope(actor, ADMIN)
        tokens = AccessToken.objects.filter(pk=token_id)
        if not is_administrator(actor):
            tokens = tokens.filter(user_id=own_id(actor))
        token = tokens.first()
        if token is None:
            raise TokenNotFound
        if token.revoked_at is None:
            AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
            record(actor, "token.revoke", token.name, token=token.pk, user=token.user_id)
