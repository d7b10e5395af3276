"""What endpoints ask about accounts. Reads only; every answer is what this actor may see."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.actor import ADMIN, Actor
from accounts.errors import AccountNotFound, LoginFlowNotFound
from accounts.models import AccessToken, LoginFlow, Membership, QuotaAccount, Team, User
from accounts.permissions import require_own_team, require_scope, require_team_manager
from accounts.tokens import digest_of


@dataclass(frozen=True, slots=True)
class Account:
    """An actor with its person, team and the two ledgers."""

    actor: Actor
    user: User
    team: Team
    quota: QuotaAccount
    team_quota: QuotaAccount

    @property
    def free_bytes(self) -> int | None:
        """What can still be stored: the tighter of the two limits; None without any."""
        free = [quota.free_bytes for quota in (self.quota, self.team_quota) if quota.free_bytes is not None]
        return min(free, default=None)


def own_id(actor: Actor) -> int:
    """The person who acts. Raises AccountNotFound for the system."""
    if actor.user_id is None:
        raise AccountNotFound
    return actor.user_id


def email_of(actor: Actor) -> str:
    """The address by which the actor signs in. Raises AccountNotFound for the system."""
    email = User.objects.filter(pk=own_id(actor)).values_list("email", flat=True).first()
    if email is None:
        raise AccountNotFound
    return email


def name_of(actor: Actor) -> str:
    """What people see of the actor: the name, else the address. Raises AccountNotFound for the system."""
    user = User.objects.filter(pk=own_id(actor)).only("name", "email").first()
    if user is None:
        raise AccountNotFound
    return user.get_full_name()


def account_of(actor: Actor) -> Account:
    """Who am I. Two queries. Raises AccountNotFound for the system."""
    user = User.objects.select_related("membership__team").filter(pk=own_id(actor)).first()
    if user is None:
        raise AccountNotFound
    team = user.membership.team
    ledgers = {
        "team" if ledger.team_id else "user": ledger
        for ledger in QuotaAccount.objects.filter(Q(user=user) | Q(team=team))
    }
    return Account(actor, user, team, ledgers["user"], ledgers["team"])


def tokens_of(actor: Actor, *, kind: str | None = None) -> QuerySet[AccessToken]:
    """The actor's own tokens (of one kind) that were not revoked, newest first. Raises ScopeMissing."""
    require_scope(actor, ADMIN)
    tokens = AccessToken.objects.filter(user_id=own_id(actor), revoked_at=None).order_by("-pk")
    return tokens if kind is None else tokens.filter(kind=kind)


def login_flow_of(login_secret: str) -> LoginFlow:
    """A client that waits to be let in, by the secret that its browser shows. Raises LoginFlowNotFound."""
    waiting = LoginFlow.objects.filter(login_digest=digest_of(login_secret), granted_at=None)
    flow = waiting.filter(expires_at__gt=timezone.now()).first()
    if flow is None:
        raise LoginFlowNotFound
    return flow


def team_of(actor: Actor) -> Team:
    """The actor's team with its quota, for its owners and administrators."""
    return Team.objects.select_related("quota").get(pk=require_own_team(actor))


def members_of(actor: Actor) -> QuerySet[Membership]:
    """Everybody in the actor's team, for its owners and administrators. Raises ScopeMissing, NotAllowed."""
    team_id = require_own_team(actor)
    return Membership.objects.filter(team_id=team_id).select_related("user__quota").order_by("pk")


def member_of(actor: Actor, user_id: int) -> Membership:
    """One person whom the actor may manage. Somebody of another team does not exist: AccountNotFound."""
    require_scope(actor, ADMIN)
    member = Membership.objects.select_related("user__quota", "team").filter(user_id=user_id).first()
    if member is None:
        raise AccountNotFound
    require_team_manager(actor, member.team_id)
    return member
