"""What an operator does for a person who cannot help themselves: another password, no second factor, no account."""

import logging
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import throttle
from accounts.actions.create_account import check_password_strength
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import AccountNotFound, LastOwner, NotAllowed
from accounts.members import end_tokens, leave_groups, stop
from accounts.models import Membership, SupportAccess, User
from accounts.names import NOBODYS
from accounts.permissions import require_administrator
from accounts.teams import is_last_owner, managing, people_of
from accounts.unit_of_work import changing_person, unit_of_work

logger = logging.getLogger(__name__)

GONE = f"deleted-{{}}{NOBODYS}"


def change_password(actor: Actor, *, user_id: int, password: str, revoke: bool = False) -> None:
    """For administrators. Ends all sessions; with `revoke` devices and tokens too.

    Raises PasswordRefused, AccountNotFound, NotAllowed, ScopeMissing.
    """
    require_administrator(actor)
    user = _user(user_id)
    check_password_strength(password, user)
    password_hash = make_password(password)  # slow on purpose, so outside the transaction
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        require_administrator(actor)
        User.objects.filter(pk=user_id).update(password=password_hash, session_epoch=F("session_epoch") + 1)
        if revoke:
            end_tokens(actor, user_id, "account.revoke_tokens")
        record(actor, "password.change", user.email, of_team=user.membership.team_id, user=user_id)
    throttle.forget(throttle.PASSWORD, user.email)


def remove_second_factor(actor: Actor, *, user_id: int) -> int:
    """For administrators, of somebody who lost their telephone and their codes: the password alone lets them in again.

    Passkeys go too, since they are second factors as well. Sessions end. Returns how many were removed. Raises
    AccountNotFound, NotAllowed, ScopeMissing.
    """
    require_administrator(actor)
    user = _user(user_id)
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        require_administrator(actor)
        kinds = sorted(Authenticator.objects.filter(user_id=user_id).values_list("type", flat=True))
        Authenticator.objects.filter(user_id=user_id).delete()
        User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
        detail: dict[str, Any] = {"user": user_id, "kinds": kinds}
        record(actor, "second_factor.remove", user.email, of_team=user.membership.team_id, **detail)
    throttle.forget(throttle.SECOND_FACTOR, user.email)
    return len(kinds)


def delete_account(actor: Actor, *, user_id: int) -> None:
    """For administrators. Ends everything that lets the person in, purges their home, and forgets who they were.

    A row without a name stays, since journals of team spaces refer to it, and is nobody of the team any more; what they
    put into team spaces is the team's and stays too. The last owner stays while the team has other active people. Each
    step is a transaction of its own that leaves less. After an interruption it is called again; the job does so too.
    Raises AccountNotFound, NotAllowed (oneself), LastOwner, ScopeMissing.
    """
    require_administrator(actor)
    if user_id == actor.user_id:
        raise NotAllowed
    email = _user(user_id).email
    team_id = _shut_out(actor, user_id, removed_before=None)
    assert team_id is not None
    _forget(actor, user_id, email, team_id)


def delete_removed_accounts(actor: Actor, *, limit: int = 100) -> int:
    """For the job: of those who were removed ACCOUNT_DELETION_GRACE ago, and those whose deletion was interrupted.

    Returns how many. One that fails is logged and holds up no other. Those that something holds (others use what the
    person has shared: settings.HELD_ACCOUNT_HOOKS) wait until somebody has decided.
    """
    require_administrator(actor)
    before = timezone.now() - settings.ACCOUNT_DELETION_GRACE
    due = Membership.objects.filter(Q(removed_at__lte=before) | Q(deletion_began_at__isnull=False))
    due = due.exclude(user__email__endswith=NOBODYS).order_by("pk")
    deleted = 0
    for user_id, email in list(due.values_list("user_id", "user__email")[:limit]):
        try:
            team_id = None if _is_held(user_id) else _shut_out(actor, user_id, removed_before=before)
            if team_id is not None:
                _forget(actor, user_id, email, team_id)
                deleted += 1
        except Exception:
            logger.exception("account %d was not deleted; it is tried again", user_id)
    return deleted


def _is_held(user_id: int) -> bool:
    """Not where the deletion has begun: from there on nothing brings the account back."""
    if Membership.objects.filter(user_id=user_id, deletion_began_at__isnull=False).exists():
        return False
    return any(import_string(dotted_path)(user_id) for dotted_path in settings.HELD_ACCOUNT_HOOKS)


def _shut_out(actor: Actor, user_id: int, *, removed_before: datetime | None) -> int | None:
    """The id of the team. None when somebody was let in again before it came to that (`removed_before` tells whether
    it is about such a one). From here on nothing brings the account back.
    """
    team_id = Membership.objects.values_list("team_id", flat=True).get(user_id=user_id)
    with managing(actor, team_id, user_id) as actor:
        require_administrator(actor)
        member = Membership.objects.select_related("user").get(user_id=user_id)
        if member.team_id != team_id:
            raise AccountNotFound
        if removed_before is not None and not _is_due(member, removed_before):
            return None
        others = people_of(team_id).filter(user__is_active=True).exclude(user_id=user_id)
        if member.user.is_active and is_last_owner(member) and others.exists():
            raise LastOwner
        if member.deletion_began_at is None:
            Membership.objects.filter(pk=member.pk).update(deletion_began_at=timezone.now())
        stop(member)
        leave_groups(user_id)
        record(actor, "account.revoke_everything", member.user.email, of_team=team_id, user=user_id)
    return team_id


def _is_due(member: Membership, removed_before: datetime) -> bool:
    if member.deletion_began_at is not None:
        return True
    return not member.user.is_active and member.removed_at is not None and member.removed_at <= removed_before


def _forget(actor: Actor, user_id: int, email: str, team_id: int) -> None:
    for dotted_path in settings.DELETED_ACCOUNT_HOOKS:  # what apps above this one hold of it: a home
        import_string(dotted_path)(user_id)
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        require_administrator(actor)
        EmailAddress.objects.filter(user_id=user_id).delete()
        Authenticator.objects.filter(user_id=user_id).delete()
        gone = GONE.format(user_id)
        User.objects.filter(pk=user_id).update(email=gone, name="", password=make_password(None), is_staff=False)
        User.objects.filter(pk=user_id).update(is_superuser=False)
        SupportAccess.objects.filter(Q(person_id=user_id) | Q(by_id=user_id)).update(reason="")
        record(actor, "account.delete", email, of_team=team_id, user=user_id)


def _user(user_id: int) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None or not hasattr(user, "membership"):
        raise AccountNotFound
    return user
