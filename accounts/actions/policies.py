"""Changing the policies of a team: what that ends is said first, and the change and what it ends are one act."""

from collections.abc import Mapping
from typing import Any

from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import PolicyWouldEnd
from accounts.models import Team, TeamPolicy
from accounts.permissions import require_own_team, require_recent_proof, require_team_manager
from accounts.policies import policy_for, preview, values_of
from accounts.policy_endings import end_surplus_tokens
from accounts.teams import managing


def change_policy(actor: Actor, *, changes: Mapping[str, Any], confirmation: str = "") -> TeamPolicy:
    """Of the actor's own team, for its owners and administrators. `changes` are settings (accounts.policies.SETTINGS)
    with their new values; `confirmation` is that of the preview (accounts.queries.policy_preview), where the change
    ends something: it is worth nothing any more when there is more to end than was shown.

    Raises InvalidPolicy, PolicyWouldEnd, NotAllowed, ScopeMissing, AccountNotFound, ReauthenticationRequired.
    """
    team_id = require_own_team(actor)
    require_recent_proof(actor)
    with managing(actor, team_id) as actor:
        require_team_manager(actor, team_id)
        before = policy_for(team_id)
        found = preview(before, changes)
        if found.confirmation and confirmation != found.confirmation:
            raise PolicyWouldEnd(endings=dict(found.counts), confirmation=found.confirmation)
        old, new = values_of(before), values_of(found.policy)
        changed = sorted(name for name in new if new[name] != old[name])
        if changed:
            found.policy.save()
            end_surplus_tokens(found.policy)
            record(
                actor,
                "policy.change",
                Team.objects.values_list("name", flat=True).get(pk=team_id),
                of_team=team_id,
                before={name: old[name] for name in changed},
                after={name: new[name] for name in changed},
                ended=dict(found.counts),
            )
    return found.policy
