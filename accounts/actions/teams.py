"""Create a team with its first owner, change its name and seats, and set how much a team or a person may store."""

from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts import invitations, quotas
from accounts.actions.create_account import clean_quota
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import AccountNotFound, InAnotherTeam, NotAllowed, TeamNotFound, UnknownRegion
from accounts.models import Invitation, QuotaAccount, Role, Team, User
from accounts.names import clean_email, clean_name, person_with
from accounts.permissions import is_administrator, require_administrator, require_team_manager
from accounts.teams import clean_seats, managing, people_of
from accounts.unit_of_work import unit_of_work

SAME = object()


class NewTeam(NamedTuple):
    """Either its owner, or the open invitation of who becomes it."""

    team: Team
    owner: User | None
    invitation: Invitation | None


def create_team(
    actor: Actor, *, name: str, owner: str, quota_bytes: int | None = None, seats: int | None = None, region: str = ""
) -> NewTeam:
    """For administrators. `owner` is an e-mail address; None is no limit; an empty region is any.

    Somebody with an account who is alone in their team takes it along: it becomes the new one, with their home and
    all that is charged to it where they are. Somebody without an account is invited; until they accept nobody is in
    the team. Raises InvalidName, InvalidEmail, InvalidQuota, InvalidSeats, UnknownRegion, AccountNotFound (a stopped
    account), InAnotherTeam, MailUnavailable, TooManyInvitations, NotAllowed, ScopeMissing.
    """
    require_administrator(actor)
    name, email = clean_name(name), clean_email(owner)
    limit, seats = clean_quota(quota_bytes), clean_seats(seats)
    if region and region not in import_string(settings.KNOWN_REGIONS)():
        raise UnknownRegion(region=region)
    person = person_with(email)
    if person is not None:
        return NewTeam(_of_one(actor, person, name=name, limit=limit, seats=seats, region=region), person, None)
    invitations.require_mail()
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        changed = timezone.now() if region else None
        team = Team.objects.create(name=name, seats=seats, region=region, region_changed_at=changed)
        QuotaAccount.objects.create(team=team, limit_bytes=limit)
        invitation = invitations.make(actor, team=team, email=email, role=Role.OWNER)
        _record(actor, team, limit, owner=email)
    return NewTeam(team, None, invitation)


def _of_one(actor: Actor, person: User, *, name: str, limit: int | None, seats: int | None, region: str) -> Team:
    """The team that the person is alone in, under the name and the limits of the new one."""
    membership = getattr(person, "membership", None)
    if membership is None:
        raise AccountNotFound
    with managing(actor, membership.team_id, person.pk) as actor:
        require_administrator(actor)
        if not User.objects.filter(pk=person.pk, is_active=True).exists():
            raise AccountNotFound(_("The account of the owner was stopped: let it in again first."))
        team = Team.objects.get(pk=membership.team_id)
        if list(people_of(team.pk).values_list("user_id", "role")[:2]) != [(person.pk, Role.OWNER)]:
            raise InAnotherTeam(reason="people")
        team.name, team.seats = name, seats
        team.save(update_fields=["name", "seats"])
        if region != team.region:
            import_string(settings.SET_TEAM_REGION)(actor, team_id=team.pk, region=region)
            team.region = region
        quotas.set_limit(QuotaAccount.objects.select_for_update().get(team=team), limit)
        _record(actor, team, limit, owner=person.email)
        invitations.welcome(team, person.email)
    return team


def _record(actor: Actor, team: Team, limit: int | None, *, owner: str) -> None:
    detail: dict[str, Any] = {
        "team": team.pk,
        "owner": owner,
        "quota": limit,
        "seats": team.seats,
        "region": team.region,
    }
    record(actor, "team.create", team.name, of_team=team.pk, **detail)


"""Stands for seats that stay as they are."""


def change_team(actor: Actor, *, team_id: int, name: str | None = None, seats: "int | object | None" = SAME) -> Team:
    """Owners rename their team; seats (None is no limit) are for administrators of the installation, as any team is.

    Fewer seats than people only keep further ones out. Raises TeamNotFound, InvalidName, InvalidSeats, NotAllowed,
    AccountNotFound, ScopeMissing.
    """
    _require_right(actor, team_id, seats)
    new_name = None if name is None else clean_name(name)
    new_seats = seats if seats is SAME else clean_seats(seats)
    with managing(actor, team_id) as actor:
        _require_right(actor, team_id, seats)
        team = Team.objects.filter(pk=team_id).first()
        if team is None:
            raise TeamNotFound
        before = {"name": team.name, "seats": team.seats}
        team.name = team.name if new_name is None else new_name
        if new_seats is not SAME:
            team.seats = new_seats  # type: ignore[assignment]
        after = {"name": team.name, "seats": team.seats}
        if after != before:
            team.save(update_fields=["name", "seats"])
            record(actor, "team.change", team.name, of_team=team.pk, before=before, after=after)
    return team


def _require_right(actor: Actor, team_id: int, seats: object) -> None:
    if seats is not SAME:
        require_administrator(actor)
    require_team_manager(actor, team_id)
    if not (is_administrator(actor) or actor.role == Role.OWNER):
        raise NotAllowed


def change_quota(
    actor: Actor, *, limit_bytes: int | None, user_id: int | None = None, team_id: int | None = None
) -> QuotaAccount:
    """For administrators, of one person or one team. Takes effect with the next charge.

    A limit below what is used only refuses growth. Raises NotAllowed, ScopeMissing, AccountNotFound,
    InvalidQuota.
    """
    require_administrator(actor)
    limit = clean_quota(limit_bytes)
    if (user_id is None) == (team_id is None):
        raise AccountNotFound
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        accounts = QuotaAccount.objects.select_for_update(of=("self",)).select_related("user", "team")
        whose = Q(user_id=user_id) if user_id is not None else Q(team_id=team_id)
        account = accounts.filter(whose).first()
        if account is None:
            raise AccountNotFound
        before = account.limit_bytes
        quotas.set_limit(account, limit)
        account.limit_bytes = limit
        team_id = account.team_id or account.user.membership.team_id  # type: ignore[union-attr]
        record(actor, "quota.change", str(account.user or account.team), of_team=team_id, before=before, after=limit)
    return account
