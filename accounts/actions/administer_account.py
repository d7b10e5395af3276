"""What an operator does for a person who cannot help themselves: another password, no second factor, no account."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils.module_loading import import_string

from accounts import throttle
from accounts.actions.create_account import check_password_strength
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import AccountNotFound, LastOwner, NotAllowed
from accounts.models import Membership, User
from accounts.permissions import require_administrator
from accounts.revocation import end_tokens
from accounts.teams import is_last_owner, managing
from accounts.unit_of_work import changing_person, unit_of_work

GONE = "deleted-{}@deleted.invalid"  # RFC 2606: nobody has it, and nobody can


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
        record(actor, "password.change", user.email, user=user_id)
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
        record(actor, "second_factor.remove", user.email, user=user_id, kinds=kinds)
    throttle.forget(throttle.SECOND_FACTOR, user.email)
    return len(kinds)


def delete_account(actor: Actor, *, user_id: int) -> None:
    """For administrators. Ends everything that lets the person in, purges their home, and forgets who they were.

    A row without a name stays, since journals of team spaces refer to whoever wrote there; what they put into team
    spaces is the team's and stays too. The last owner stays while the team has other active people. Each step is a
    transaction of its own that leaves less: whoever is interrupted calls it again. Raises AccountNotFound, NotAllowed
    (oneself), LastOwner, ScopeMissing.
    """
    require_administrator(actor)
    if user_id == actor.user_id:
        raise NotAllowed
    email = _user(user_id).email
    _shut_out(actor, user_id)
    for dotted_path in settings.DELETED_ACCOUNT_HOOKS:  # what apps above this one hold of it: a home
        import_string(dotted_path)(user_id)
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        require_administrator(actor)
        EmailAddress.objects.filter(user_id=user_id).delete()
        Authenticator.objects.filter(user_id=user_id).delete()
        gone = GONE.format(user_id)
        User.objects.filter(pk=user_id).update(email=gone, name="", password=make_password(None), is_staff=False)
        User.objects.filter(pk=user_id).update(is_superuser=False)
        record(actor, "account.delete", email, user=user_id)


def _shut_out(actor: Actor, user_id: int) -> None:
    team_id = Membership.objects.values_list("team_id", flat=True).get(user_id=user_id)
    with managing(actor, team_id, user_id) as actor:
        require_administrator(actor)
        member = Membership.objects.select_related("user").get(user_id=user_id)
        others = Membership.objects.filter(team_id=team_id, user__is_active=True).exclude(user_id=user_id)
        if member.user.is_active and is_last_owner(member) and others.exists():
            raise LastOwner
        User.objects.filter(pk=user_id).update(is_active=False, session_epoch=F("session_epoch") + 1)
        end_tokens(actor, user_id, "account.revoke_everything")


def _user(user_id: int) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None or not hasattr(user, "membership"):
        raise AccountNotFound
    return user
