"""What the acts of support share (accounts.actions.support, support_endings): who may agree and end it, its locks, its
record, its end.
"""

from typing import Any

from django.utils import timezone

from accounts.actor import ADMIN, Actor, PrincipalKind
from accounts.audit import record
from accounts.models import AccessToken, Role, SupportAccess, SupportConsent, SupportEnd, User
from accounts.policies import policy_for
from accounts.queries import own_id
from accounts.support import may_support
from accounts.support_mails import tell
from accounts.unit_of_work import Lock


def consent_of(actor: Actor, access: SupportAccess) -> SupportConsent | None:
    """As whom the actor may agree; None for who may not. `access` is of accounts.support.whole."""
    is_person = actor.principal.kind is PrincipalKind.USER
    if not is_person or actor.user_id == access.by_id or actor.support is not None or not actor.may(ADMIN):
        return None
    if actor.user_id == access.person_id:
        return SupportConsent.PERSON
    is_of_team = actor.team_id == access.team_id
    if is_of_team and actor.role == Role.OWNER:
        return SupportConsent.OWNER
    if policy_for(access.team_id).support_by_two_admins and (is_of_team or actor.is_staff):
        second = User.objects.select_related("membership").get(pk=own_id(actor))
        if may_support(second, access.person):
            return SupportConsent.SECOND_ADMIN
    return None


def end_by(actor: Actor, access: SupportAccess) -> SupportEnd | None:
    """How it ends when the actor ends it; None for who may not."""
    has_begun = access.started_at is not None
    if actor.support is not None or not actor.may(ADMIN):
        return None
    if actor.user_id == access.by_id:
        return SupportEnd.ADMINISTRATOR if has_begun else SupportEnd.WITHDRAWN
    if actor.user_id == access.person_id:
        return SupportEnd.PERSON if has_begun else SupportEnd.REFUSED
    if actor.team_id == access.team_id and actor.role == Role.OWNER:
        return SupportEnd.OWNER if has_begun else SupportEnd.REFUSED
    return None


def close(actor: Actor, access: SupportAccess, end: SupportEnd) -> None:
    """Under the locks of both people (`locks_of`)."""
    access.ended_at, access.ended_by_id, access.end = timezone.now(), actor.user_id, end
    access.save(update_fields=["ended_at", "ended_by", "end"])
    record_support(actor, "support.end", access, end=str(end))
    tell("end", access)


def record_support(actor: Actor, kind: str, access: SupportAccess, **detail: Any) -> None:
    """With both people, in the log of the person's team."""
    both = {"access": access.pk, "person": access.person_id, "administrator": access.by_id}
    record(actor, kind, access.person.email, of_team=access.team_id, **both, **detail)


def locks_of(actor: Actor, access: SupportAccess) -> tuple[Lock, Lock]:
    """Of all acts on one access: the person, the administrator and who acts, then the token that acts."""
    people = Lock(User, actor.user_id, access.person_id, access.by_id)
    return people, Lock(AccessToken, actor.token_id, share=True)
