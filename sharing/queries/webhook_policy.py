"""The policies of a team for webhooks: who may have some, and a second factor of who has (decision 61).

They are asked when one is made, and again with each message, of the role that its person has then.
"""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import AgainstPolicy, SecondFactorSetupRequired
from accounts.models import Membership, Outside, TeamPolicy
from accounts.permissions import TEAM_MANAGERS
from accounts.policies import Affected, Ending, lacks_second_factor, may_have_webhooks, policy_for
from common.errors import CodedError
from files.models import SpaceKind
from sharing.models import Webhook


def require_allowed(actor: Actor) -> None:
    """That webhooks of the actor are sent: one query, two where a second factor is due. Raises AgainstPolicy,
    SecondFactorSetupRequired.
    """
    policy = policy_for(actor.team_id)
    if not may_have_webhooks(policy, actor.role):
        raise AgainstPolicy(_("A policy of the team does not let you have webhooks."), rule="webhooks")
    if lacks_second_factor(policy, actor.user_id or 0):
        raise SecondFactorSetupRequired


def why_not_sent(actor: Actor) -> CodedError | None:
    """The same as an answer; None when they are."""
    try:
        require_allowed(actor)
    except (AgainstPolicy, SecondFactorSetupRequired) as error:
        return error
    return None


def endings(before: TeamPolicy, after: TeamPolicy) -> list[Ending]:
    """For settings.POLICY_HOOKS: those that are on, and would no longer be sent."""
    rows = Webhook.objects.filter(is_on=True, user__membership__team_id=after.team_id)
    paused = rows.filter(_paused(after)).exclude(_paused(before)).select_related("user", "space")
    return [Ending("webhooks_paused", _("Webhooks that are no longer sent"), paused, _shown)]


def _paused(policy: TeamPolicy) -> Q:
    """`may_have_webhooks` in SQL."""
    if policy.webhooks == Outside.NOBODY:
        return Q(pk__isnull=False)
    if policy.webhooks == Outside.ADMINS:
        managers = Membership.objects.filter(team_id=policy.team_id, role__in=TEAM_MANAGERS)
        return ~Q(user__in=managers.values("user_id"))
    return Q(pk__isnull=True)


def _shown(webhooks: Sequence[Webhook]) -> list[Affected]:
    """Whose they are, and the host of those that who manages the place sees as well: not of one of a home."""
    return [Affected(str(one.pk), one.user.email, "" if _is_of_home(one) else one.host) for one in webhooks]


def _is_of_home(webhook: Webhook) -> bool:
    return webhook.space is not None and webhook.space.kind == SpaceKind.HOME
