"""What endpoints ask about accounts. Reads only; every answer is what this actor may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.actor import ADMIN, Actor
from accounts.errors import AccountNotFound, GroupNotFound, LoginFlowNotFound, NotAllowed, SupportNotFound
from accounts.event_filter import ANY, EventFilter
from accounts.models import (
    AccessToken,
    AuditEvent,
    Group,
    GroupMember,
    Invitation,
    LoginFlow,
    Membership,
    QuotaAccount,
    SupportAccess,
    Team,
    TeamPolicy,
    User,
)
from accounts.permissions import require_administrator, require_own_team, require_scope, require_team_manager
from accounts.policies import Preview, policy_for, preview
from accounts.support import whole
from accounts.teams import people_of, present
from accounts.tokens import digest_of
from accounts.unit_of_work import look_again


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


def policy_of(actor: Actor) -> TeamPolicy:
    """The policies of the actor's team, for its owners and administrators."""
    return policy_for(require_own_team(actor))


def policy_preview(actor: Actor, *, changes: Mapping[str, Any]) -> Preview:
    """What a change of the policies of the actor's team would end, for its owners and administrators. Raises
    InvalidPolicy, NotAllowed, ScopeMissing. It comes with a body, which may take longer than a role lasts.
    """
    return preview(policy_of(look_again(actor)), changes)


def members_of(actor: Actor) -> QuerySet[Membership]:
    """Everybody in the actor's team, for its owners and administrators; `last_used_at`: of a token or device, the last
    one that was used. Raises ScopeMissing, NotAllowed.
    """
    return _with_last_use(people_of(require_own_team(actor))).order_by("pk")


def member_of(actor: Actor, user_id: int) -> Membership:
    """One person whom the actor may manage. Somebody of another team does not exist: AccountNotFound."""
    require_scope(actor, ADMIN)
    member = _with_last_use(present(Membership.objects.filter(user_id=user_id))).select_related("team").first()
    if member is None:
        raise AccountNotFound
    require_team_manager(actor, member.team_id)
    return member


def devices_of(actor: Actor, *, user_id: int) -> QuerySet[AccessToken]:
    """Devices and tokens of one person whom the actor may manage, newest first. Raises as `member_of` does."""
    return AccessToken.objects.filter(user_id=member_of(actor, user_id).user_id, revoked_at=None).order_by("-pk")


def groups_of(actor: Actor) -> QuerySet[Group]:
    """Of the actor's team, for its owners and administrators; `people`: how many are in each."""
    return _counted(Group.objects.filter(team_id=require_own_team(actor)))


def _counted(groups: QuerySet[Group]) -> QuerySet[Group]:
    return groups.annotate(people=Count("members")).order_by("pk")


def group_of(actor: Actor, group_id: int) -> Group:
    """Of another team it does not exist: GroupNotFound; an administrator of the installation finds those of all teams.
    Raises NotAllowed, ScopeMissing.
    """
    everywhere = actor.is_staff and actor.may(ADMIN)
    group = (_counted(Group.objects.all()) if everywhere else groups_of(actor)).filter(pk=group_id).first()
    if group is None:
        raise GroupNotFound
    return group


def people_in(actor: Actor, group_id: int) -> QuerySet[GroupMember]:
    """Who is in a group, with the account. Raises GroupNotFound, NotAllowed, ScopeMissing."""
    return GroupMember.objects.filter(group=group_of(actor, group_id)).select_related("user").order_by("pk")


def invitations_of(actor: Actor) -> QuerySet[Invitation]:
    """Of the actor's team, newest first, with who invites. For its owners and administrators."""
    return Invitation.objects.filter(team_id=require_own_team(actor)).select_related("invited_by").order_by("-pk")


def teams_of(actor: Actor) -> QuerySet[Team]:
    """All of the installation, for its administrators, with their ledgers and how many active people they have."""
    require_administrator(actor)
    active = Count("memberships", filter=Q(memberships__user__is_active=True))
    return Team.objects.select_related("quota").annotate(people=active).order_by("pk")


def team_events_of(actor: Actor, looked_for: EventFilter = ANY) -> QuerySet[AuditEvent]:
    """What was done in the actor's team and to it, newest first, for its owners and administrators. `of_team` says of
    who did it whether they belong to it: of others (administrators of the installation) the team learns no more.
    """
    team_id = require_own_team(actor)
    members = Membership.objects.filter(team_id=team_id, user_id=OuterRef("actor_id"))
    events = AuditEvent.objects.filter(team_id=team_id).select_related("actor")
    return looked_for.apply_in_team(events.annotate(of_team=Exists(members))).order_by("-pk")


def audit_events_of(actor: Actor, looked_for: EventFilter = ANY) -> QuerySet[AuditEvent]:
    """The whole audit record, newest first, for administrators of the installation. Raises NotAllowed, ScopeMissing."""
    require_administrator(actor)
    return looked_for.apply(AuditEvent.objects.select_related("actor")).order_by("-pk")


def support_accesses_of(actor: Actor, *, about: str) -> QuerySet[SupportAccess]:
    """Newest first, with both people: `about` me (somebody acts, acted or asks to act as the actor), `mine` (the actor
    has asked), `team` (everybody in the actor's team, for its owners and administrators), or `all` of the installation,
    for its administrators. Raises NotAllowed, ScopeMissing, AccountNotFound.
    """
    require_scope(actor, ADMIN)
    rows = whole().select_related("consented_by").order_by("-pk")
    if about == "all":
        require_administrator(actor)
        return rows
    if about == "team":
        return rows.filter(team_id=require_own_team(actor))
    return rows.filter(by_id=own_id(actor)) if about == "mine" else rows.filter(person_id=own_id(actor))


def support_access_of(actor: Actor, access_id: int) -> SupportAccess:
    """One that concerns the actor: about them, by them, or of a team that they manage; else SupportNotFound. Raises
    ScopeMissing.
    """
    require_scope(actor, ADMIN)
    access = whole().select_related("consented_by").filter(pk=access_id).first()
    if access is None:
        raise SupportNotFound
    if own_id(actor) not in (access.person_id, access.by_id):
        try:
            require_team_manager(actor, access.team_id)
        except (AccountNotFound, NotAllowed) as error:
            raise SupportNotFound from error
    return access


def person_to_support(actor: Actor, email: str) -> int:
    """The id of somebody whom the actor may manage, by the address of the account. Raises AccountNotFound, NotAllowed,
    ScopeMissing.
    """
    user_id = Membership.objects.filter(user__email=email.strip().lower()).values_list("user_id", flat=True).first()
    if user_id is None:
        require_scope(actor, ADMIN)
        raise AccountNotFound
    return member_of(actor, user_id).user_id


def member_with(actor: Actor, email: str) -> Membership | None:
    """Of the actor's team, by the address of the account. For its owners and administrators."""
    return members_of(actor).filter(user__email=email.strip().lower()).first()


def last_seen_at(member: Membership) -> datetime | None:
    """The last sign-in, or use of a token or device to the minute. For rows of `members_of` and `member_of`."""
    times = (member.user.last_login, getattr(member, "last_used_at", None))
    return max((time for time in times if time is not None), default=None)


def _with_last_use(members: QuerySet[Membership]) -> QuerySet[Membership]:
    tokens = AccessToken.objects.filter(user_id=OuterRef("user_id")).order_by().values("user_id")
    used = Subquery(tokens.annotate(last=Max("last_used_at")).values("last"))
    return members.select_related("user__quota").annotate(last_used_at=used)
