"""End everything that lets somebody into an account without its password: sessions, devices, tokens."""

from django.db.models import F

from accounts.actor import ADMIN, Actor
from accounts.errors import AccountNotFound
from accounts.members import managing_member, require_not_above
from accounts.models import User
from accounts.permissions import require_administrator, require_may_manage, require_recent_proof, require_scope
from accounts.queries import own_id
from accounts.revocation import end_tokens
from accounts.unit_of_work import changing_person, unit_of_work


def revoke_everything(actor: Actor, *, user_id: int | None = None) -> int:
    """Of the actor's own account; the system and administrators may name another. It stops with the next request.

    All sessions end, also the one that asks: an endpoint that wants to keep it signs it in again. Returns how many
    tokens and app passwords it was. Raises AccountNotFound, ScopeMissing, NotAllowed, ReauthenticationRequired.
    """
    user_id = _whose(actor, user_id)
    # Under the lock of the person's row: a sign-in at the same moment is either ended by it or comes after it.
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        _whose(actor, user_id)
        if not User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1):
            raise AccountNotFound
        return end_tokens(actor, user_id, "account.revoke_everything")


def end_member_sessions(actor: Actor, *, user_id: int) -> int:
    """Of somebody in the team, for its owners and administrators: sessions, devices and tokens, and nothing else. The
    account stays as it is, and its password lets the person in again. Returns how many tokens and app passwords it was.
    Raises AccountNotFound, NotAllowed, ScopeMissing.
    """
    with managing_member(actor, user_id) as (actor, member):
        require_may_manage(actor, member)
        require_not_above(actor, member)
        User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
        return end_tokens(actor, user_id, "member.end_sessions")


def revoke_tokens(actor: Actor, *, user_id: int) -> int:
    """Devices and tokens alone, for whoever has just set the account's password, which ends its sessions.

    Raises AccountNotFound.
    """
    if not (actor.is_system or actor.user_id == user_id):
        raise AccountNotFound
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        return end_tokens(actor, user_id, "account.revoke_tokens")


def _whose(actor: Actor, user_id: int | None) -> int:
    require_scope(actor, ADMIN)
    require_recent_proof(actor)
    if user_id is None:
        return own_id(actor)
    if user_id != actor.user_id:
        require_administrator(actor)
    return user_id
