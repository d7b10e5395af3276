"""What tighter policies of a team end among its accounts: devices and tokens, invitations, and that people are let in
without a second factor.
"""

from collections.abc import Sequence

from allauth.mfa.models import Authenticator
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessToken, Invitation, LoginFlow, Membership, TeamPolicy
from accounts.models.invitation import open_now
from accounts.policies import SECOND_FACTORS, Affected, Ending, live_tokens
from accounts.teams import people_of
from common.batches import in_batches

BATCH = 500


def endings(before: TeamPolicy, after: TeamPolicy) -> list[Ending]:
    """For settings.POLICY_HOOKS."""
    people: QuerySet[Membership] = Membership.objects.none()
    if after.second_factor_required and not before.second_factor_required:
        people = without_second_factor(after.team_id)
    return [
        Ending("people", _("People who have to set up a second factor"), people, _people_shown),
        Ending("tokens", _("Devices and tokens"), surplus_tokens(after), _tokens_shown, comes_back=False),
        Ending("invitations", _("Open invitations"), _refused(before, after), _invitations_shown),
    ]


def without_second_factor(team_id: int) -> "QuerySet[Membership]":
    """Active people who have none."""
    own = Authenticator.objects.filter(user_id=OuterRef("user_id"), type__in=SECOND_FACTORS)
    return people_of(team_id).filter(~Exists(own), user__is_active=True).select_related("user")


def surplus_tokens(policy: TeamPolicy) -> "QuerySet[AccessToken]":
    """Of each person those beyond the limit: what was used latest is kept."""
    if policy.tokens_per_person is None:
        return AccessToken.objects.none()
    latest = [Coalesce("last_used_at", "created_at").desc(), F("pk").desc()]
    rank = Window(RowNumber(), partition_by=[F("user_id")], order_by=latest)
    ranked = live_tokens().filter(user__membership__team_id=policy.team_id).annotate(rank=rank)
    surplus = ranked.filter(rank__gt=policy.tokens_per_person)
    return AccessToken.objects.filter(pk__in=surplus.values("pk")).select_related("user")


def end_surplus_tokens(policy: TeamPolicy) -> int:
    """In the transaction of the act. Returns how many."""
    ids = list(surplus_tokens(policy).order_by("pk").values_list("pk", flat=True))
    for some in in_batches(ids, BATCH):
        AccessToken.objects.filter(pk__in=some, revoked_at=None).update(revoked_at=timezone.now())
    if ids:
        people = Membership.objects.filter(team_id=policy.team_id)
        LoginFlow.objects.filter(user_id__in=people.values("user_id")).delete()
    return len(ids)


def _refused(before: TeamPolicy, after: TeamPolicy) -> "QuerySet[Invitation]":
    """Open invitations by addresses of domains that are no longer allowed."""
    if not after.invitation_domains:
        return Invitation.objects.none()
    rows = open_now(Invitation.objects.filter(team_id=after.team_id)).exclude(_in(after.invitation_domains))
    return rows.filter(_in(before.invitation_domains)) if before.invitation_domains else rows


def _in(domains: Sequence[str]) -> Q:
    found = Q(pk__in=[])
    for domain in domains:
        found |= Q(email__endswith=f"@{domain}")
    return found


def _people_shown(members: Sequence[Membership]) -> list[Affected]:
    return [Affected(str(member.user_id), member.user.email) for member in members]


def _tokens_shown(tokens: Sequence[AccessToken]) -> list[Affected]:
    return [Affected(str(token.pk), token.user.email, token.name) for token in tokens]


def _invitations_shown(invitations: Sequence[Invitation]) -> list[Affected]:
    return [Affected(str(invitation.pk), invitation.email) for invitation in invitations]
