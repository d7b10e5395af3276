"""Create a whole account: person, place in a team, quotas, e-mail address. Also the first one, by the set-up link."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.module_loading import import_string

from accounts import setup
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import EmailTaken, InvalidQuota, NotAllowed, PasswordRefused, SetupClosed, UnknownRole
from accounts.invitations import welcome
from accounts.members import access_changed
from accounts.models import Membership, QuotaAccount, Role, SetupLink, Team, User
from accounts.names import clean_email, email_is_taken
from accounts.permissions import is_administrator, require_administrator, require_team_manager
from accounts.policies import policy_for, require_domain
from accounts.teams import managing, require_owner_for, require_seat_for_new
from accounts.unit_of_work import unit_of_work
from common import sizes

DEFAULT_QUOTA = object()
"""Stands for settings.DEFAULT_ACCOUNT_QUOTA."""


def create_account(
    actor: Actor,
    *,
    email: str,
    password: str | None,
    name: str = "",
    quota_bytes: "int | object | None" = DEFAULT_QUOTA,
    is_admin: bool = False,
    team: Team | None = None,
    role: str | None = None,
    email_verified: bool | None = True,
) -> User:
    """One transaction. Without a team the person gets an own team of one and is its owner.

    `password` None makes an account that can sign in only after a password reset. `quota_bytes` limits the
    person's account; a new team has no limit of its own. `email_verified` None leaves the address to
    who sends the message that verifies it.

    Raises InvalidEmail, EmailTaken, PasswordRefused, InvalidQuota, UnknownRole, TeamFull, and for an actor
    without the right NotAllowed, ScopeMissing or AccountNotFound; AgainstPolicy for a domain that the team does not
    let in.
    """
    own_quota = quota_bytes is not DEFAULT_QUOTA
    _require_right(actor, team=team, is_admin=is_admin, role=role, own_quota=own_quota)
    limit = clean_quota(settings.DEFAULT_ACCOUNT_QUOTA if quota_bytes is DEFAULT_QUOTA else quota_bytes)
    user = new_person(email=clean_email(email), password=password, name=name, is_admin=is_admin)
    try:
        with unit_of_work(actor) if team is None else managing(actor, team.pk) as actor:
            _require_right(actor, team=team, is_admin=is_admin, role=role, own_quota=own_quota)
            if team is not None:
                if not actor.is_system:
                    require_domain(policy_for(team.pk), user.email)
                require_owner_for(team, role)
                if not is_administrator(actor):
                    require_seat_for_new(team)
            insert_account(user, actor=actor, limit_bytes=limit, team=team, role=role, email_verified=email_verified)
            if team is not None:
                welcome(team, user.email)
    except IntegrityError as error:  # somebody else took the address between the look and the insert
        raise EmailTaken from error
    return user


def sign_up(visitor: Actor, *, email: str, password: str | None, name: str = "") -> User:
    """Where SIGNUP is open: an account in a team of its own, whose address is still to be verified.

    Raises NotAllowed, InvalidEmail, EmailTaken, PasswordRefused.
    """
    if settings.SIGNUP != "open":
        raise NotAllowed
    limit = clean_quota(settings.DEFAULT_ACCOUNT_QUOTA)
    user = new_person(email=clean_email(email), password=password, name=name)
    try:
        with unit_of_work(visitor) as visitor:
            insert_account(user, actor=visitor, limit_bytes=limit, email_verified=None)
    except IntegrityError as error:
        raise EmailTaken from error
    return user


def new_person(*, email: str, password: str | None, name: str = "", is_admin: bool = False) -> User:
    """Not saved. Hashes the password, which is slow on purpose: not to be called in a transaction. Raises
    PasswordRefused.
    """
    user = User(email=email, name=name.strip()[:150], is_staff=is_admin, is_superuser=is_admin)
    if password is not None:
        check_password_strength(password, user)
    user.password = make_password(password)
    return user


def insert_account(
    user: User,
    *,
    actor: Actor,
    limit_bytes: int | None,
    team: Team | None = None,
    role: str | None = None,
    email_verified: bool | None = True,
) -> None:
    """Saves a new person and all that belongs to an account. In the caller's transaction. Raises EmailTaken, and
    IntegrityError where somebody else takes the address at this very moment.
    """
    if email_is_taken(user.email):
        raise EmailTaken
    user.save()
    finish_account(user, limit_bytes=limit_bytes, team=team, role=role, email_verified=email_verified)
    made = {"user": user.pk, "is_admin": user.is_staff, "quota": limit_bytes}
    record(actor, "account.create", user.email, of_team=user.membership.team_id, **made)


def finish_account(
    user: User,
    *,
    limit_bytes: int | None,
    team: Team | None = None,
    role: str | None = None,
    email_verified: bool | None,
) -> None:
    """Gives a saved person all that belongs to an account. In the caller's transaction."""
    if team is None:
        team = Team.objects.create(name=user.get_full_name()[:150])
        QuotaAccount.objects.create(team=team)
        role = Role.OWNER
    Membership.objects.create(user=user, team=team, role=role or Role.MEMBER)
    QuotaAccount.objects.create(user=user, limit_bytes=limit_bytes)
    if email_verified is not None:
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=email_verified)
    for dotted_path in settings.NEW_ACCOUNT_HOOKS:  # what apps above this one give to every account: a home
        import_string(dotted_path)(user)
    access_changed()


def clean_quota(limit_bytes: object) -> int | None:
    """Raises InvalidQuota."""
    if limit_bytes is None:
        return None
    if isinstance(limit_bytes, bool) or not isinstance(limit_bytes, int) or not 0 <= limit_bytes <= sizes.MAXIMUM:
        raise InvalidQuota
    return limit_bytes


def check_password_strength(password: str, user: User | None = None) -> None:
    """Raises PasswordRefused with the reasons of Django's validators."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordRefused(" ".join(error.messages), reasons=list(error.messages)) from error


def _require_right(actor: Actor, *, team: Team | None, is_admin: bool, role: str | None, own_quota: bool) -> None:
    if role is not None and role not in Role.values:
        raise UnknownRole
    if team is None or is_admin or own_quota:
        require_administrator(actor)
    else:
        require_team_manager(actor, team.pk)
        if role == Role.OWNER and actor.role != Role.OWNER:
            require_administrator(actor)


def complete_setup(visitor: Actor, *, secret: str, email: str, password: str, name: str = "") -> User:
    """Only one of many at once succeeds: the link's row is locked, and gone afterwards.

    Whoever has the link may. Raises SetupClosed, InvalidEmail, EmailTaken, PasswordRefused.
    """
    link = SetupLink.objects.first()
    if link is None or not setup.fits(link, secret):  # before a password is hashed for nothing
        raise SetupClosed
    user = new_person(email=clean_email(email), password=password, name=name, is_admin=True)
    try:
        with unit_of_work(visitor) as visitor:
            link = SetupLink.objects.select_for_update().first()
            if link is None or not setup.fits(link, secret) or setup.has_administrator():
                raise SetupClosed
            insert_account(user, actor=visitor, limit_bytes=None)
            link.delete()
    except IntegrityError as error:
        raise EmailTaken from error
    return user
