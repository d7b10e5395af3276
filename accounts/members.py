"""One member of a team: how an action takes hold of them, who may stop them, and what ends when they are stopped."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import invitations
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import AccountNotFound, LastOwner, NotAllowed
from accounts.models import AccessToken, GroupMember, LoginFlow, Membership, User
from accounts.permissions import is_administrator, require_may_manage
from accounts.queries import member_of
from accounts.teams import is_last_owner, managing, people_of


@contextmanager
def managing_member(actor: Actor, user_id: int) -> Iterator[tuple[Actor, Membership]]:
    """A unit of work under the locks of the person and their team, and the person as they are under them.

    Raises AccountNotFound, also for somebody who has just gone to another team, NotAllowed, ScopeMissing.
    """
    team_id = member_of(actor, user_id).team_id
    with managing(actor, team_id, user_id) as actor:
        member = member_of(actor, user_id)
        if member.team_id != team_id:
            raise AccountNotFound
        yield actor, member


def require_may_stop(actor: Actor, member: Membership) -> None:
    """Never oneself. Only an owner touches an owner, and only an administrator of the installation another one. The
    last owner stays while the team has other active people.

    Raises NotAllowed, AccountNotFound, ScopeMissing, LastOwner.
    """
    if member.user_id == actor.user_id:
        raise NotAllowed
    require_may_manage(actor, member)
    require_not_above(actor, member)
    others = people_of(member.team_id).filter(user__is_active=True).exclude(pk=member.pk)
    if member.user.is_active and is_last_owner(member) and others.exists():
        raise LastOwner


def require_not_above(actor: Actor, member: Membership) -> None:
    """An administrator of the installation is no matter of a team's owner. Raises NotAllowed."""
    if member.user.is_staff and not is_administrator(actor):
        raise NotAllowed


def stop(member: Membership) -> None:
    """Nobody gets in as this person any more, and what they have invited to is void. Under the locks of the team and of
    the person.
    """
    user_id = member.user_id
    User.objects.filter(pk=user_id).update(is_active=False, session_epoch=F("session_epoch") + 1)
    AccessToken.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=timezone.now())
    LoginFlow.objects.filter(user_id=user_id).delete()
    invitations.withdraw_of(user_id, role=None, team_id=member.team_id)
    access_changed()


def leave_groups(user_id: int) -> None:
    GroupMember.objects.filter(user_id=user_id).delete()


def access_changed() -> None:
    """In the transaction that changes it (settings.ACCESS_HOOKS)."""
    for dotted_path in settings.ACCESS_HOOKS:
        import_string(dotted_path)()


def end_tokens(actor: Actor, user_id: int, kind: str) -> int:
    """All tokens and app passwords, and sign-ins of clients that wait for one. `kind` is what the audit calls it.

    Under the lock of the person's row (accounts.unit_of_work.changing_person). Returns how many there were.
    """
    email, team_id = User.objects.values_list("email", "membership__team_id").get(pk=user_id)
    count = AccessToken.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=timezone.now())
    LoginFlow.objects.filter(user_id=user_id).delete()
    record(actor, kind, email, of_team=team_id, user=user_id, tokens=count)
    return count
