"""The rules of a team's policies: their values, and what a change of them would end.

A policy that tightens says first what it ends. What that is, each app knows for itself (settings.POLICY_HOOKS): a
function of the team's id and the policies before and after, which returns an `Ending` for each kind of thing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.errors import AgainstPolicy, InvalidPolicy
from accounts.models import AccessToken, Outside, Team, TeamPolicy
from accounts.models.policy import MAXIMUM_DOMAINS
from accounts.permissions import TEAM_MANAGERS

SETTINGS = (
    "external_links",
    "link_password_required",
    "link_expiry_required",
    "link_default_days",
    "link_longest_days",
    "webhooks",
    "second_factor_required",
    "second_factor_grace_days",
    "tokens_per_person",
    "invitation_domains",
    "trash_days",
    "version_days",
    "support_by_two_admins",
)
"""What can be set, in the order of the pages."""


SECOND_FACTORS = ("totp", "webauthn")  # as allauth calls them
MAXIMUM_DOMAIN = 253
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Affected:
    """One thing that a change ends, as who manages the team may know it: whose it is, and what it is called as far as
    that is no secret of theirs.
    """

    id: str
    whose: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """All things of one kind that a change ends: `rows` in the order of their ids, `show` makes a page of them into
    what is told. `comes_back`: when the policy is loosened.
    """

    kind: str
    title: "str | Promise"
    rows: "QuerySet[Any, Any]"
    show: Callable[[Sequence[Any]], list[Affected]]
    comes_back: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """The policies as they would be, what that ends (kinds of which there is something, each with how many), and the
    text that confirms it; empty where there is nothing to confirm.
    """

    policy: TeamPolicy
    endings: tuple[Ending, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    confirmation: str = ""

    @property
    def shown(self) -> list[tuple[Ending, int]]:
        return [(ending, self.counts[ending.kind]) for ending in self.endings]


def policy_in(team: Team) -> TeamPolicy:
    """Of a team that was read together with its policy (`select_related`); else one query more."""
    return getattr(team, "policy", None) or TeamPolicy(team_id=team.pk)


def policy_for(team_id: int | None) -> TeamPolicy:
    """One query, or none for who is in no team."""
    found = None if team_id is None else TeamPolicy.objects.filter(team_id=team_id).first()
    return found or TeamPolicy(team_id=team_id)


def values_of(policy: TeamPolicy) -> dict[str, Any]:
    """The settings as plain values."""
    values = {name: getattr(policy, name) for name in SETTINGS}
    return {name: str(value) if isinstance(value, str) else value for name, value in values.items()}


def changed(before: TeamPolicy, changes: Mapping[str, Any]) -> TeamPolicy:
    """A copy with other values, not saved. Raises InvalidPolicy, which names the setting."""
    after = TeamPolicy(team_id=before.team_id)
    for row_field in TeamPolicy._meta.concrete_fields:
        setattr(after, row_field.attname, getattr(before, row_field.attname))
    after._state.adding = before._state.adding
    for name, value in changes.items():
        if name not in SETTINGS:
            raise InvalidPolicy(parameter=name)
        setattr(after, name, value)
    after.invitation_domains = _clean_domains(after.invitation_domains)
    try:
        after.clean_fields(exclude={"id", "team", "changed_at", "second_factor_due_at"})
    except ValidationError as error:
        name = next(iter(error.message_dict))
        raise InvalidPolicy(" ".join(error.message_dict[name]), parameter=name) from error
    default, longest = after.link_default_days, after.link_longest_days
    if default is not None and longest is not None and default > longest:
        text = _("A link cannot end later by itself than the longest time allows.")
        raise InvalidPolicy(text, parameter="link_default_days")
    _set_due(before, after)
    return after


def _clean_domains(domains: object) -> list[str]:
    """Each once, in lower case. Raises InvalidPolicy."""
    name = "invitation_domains"
    if not isinstance(domains, list | tuple) or len(domains) > MAXIMUM_DOMAINS:
        raise InvalidPolicy(parameter=name)
    found = {domain.strip().lower() if isinstance(domain, str) else "" for domain in domains}
    for domain in sorted(found):
        if len(domain) > MAXIMUM_DOMAIN or _DOMAIN.fullmatch(domain) is None:
            raise InvalidPolicy(_("“%(domain)s” is no domain."), parameter=name, domain=domain[:MAXIMUM_DOMAIN])
    return sorted(found)


def _set_due(before: TeamPolicy, after: TeamPolicy) -> None:
    """The time of grace begins when the second factor is asked for, and anew when it is made longer or shorter."""
    if not after.second_factor_required:
        after.second_factor_due_at = None
        return
    asked = before.second_factor_required, before.second_factor_grace_days
    if asked != (True, after.second_factor_grace_days):
        after.second_factor_due_at = timezone.now() + timedelta(days=after.second_factor_grace_days)


def may_link_outside(policy: TeamPolicy, role: str) -> bool:
    """Whether somebody with this role in the team may make links that open for others."""
    return _is_for(policy.external_links, role)


def may_have_webhooks(policy: TeamPolicy, role: str) -> bool:
    """Whether webhooks of somebody with this role in the team are sent."""
    return _is_for(policy.webhooks, role)


def _is_for(whom: str, role: str) -> bool:
    return whom == Outside.EVERYBODY or (whom == Outside.ADMINS and role in TEAM_MANAGERS)


def lacks_second_factor(policy: TeamPolicy, user_id: int) -> bool:
    """Whether programs of theirs are refused for it: none is set up, and the time of grace is over. No query where none
    is due.
    """
    if policy.second_factor_due_at is None or policy.second_factor_due_at > timezone.now():
        return False
    return not Authenticator.objects.filter(user_id=user_id, type__in=SECOND_FACTORS).exists()


def require_domain(policy: TeamPolicy, email: str) -> None:
    """`email` as `clean_email` gave it. Raises AgainstPolicy."""
    domains = policy.invitation_domains
    if domains and email.rpartition("@")[2] not in domains:
        text = _("A policy of the team lets people be invited by addresses of these domains only: %(domains)s")
        raise AgainstPolicy(text, rule="invitation_domains", parameter="email", domains=", ".join(domains))


def live_tokens() -> "QuerySet[AccessToken]":
    """Tokens and app passwords that let somebody in."""
    return AccessToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


def require_room_for_token(policy: TeamPolicy, user_id: int) -> None:
    """Under the lock of the person's row. Raises AgainstPolicy."""
    limit = policy.tokens_per_person
    if limit is not None and live_tokens().filter(user_id=user_id).count() >= limit:
        text = _("A policy of the team allows %(limit)d devices and tokens. Revoke one of yours before the next.")
        raise AgainstPolicy(text, rule="tokens_per_person", limit=limit)


def preview(before: TeamPolicy, changes: Mapping[str, Any]) -> Preview:
    """What the changes would end now. One query for each kind of things, and those that count. Raises InvalidPolicy."""
    after = changed(before, changes)
    if values_of(after) == values_of(before):
        return Preview(after)
    found = [ending for path in settings.POLICY_HOOKS for ending in import_string(path)(before, after)]
    counts = {ending.kind: ending.rows.count() for ending in found}
    endings = tuple(ending for ending in found if counts[ending.kind])
    counts = {ending.kind: counts[ending.kind] for ending in endings}
    return Preview(after, endings, counts, _confirmation(after, counts) if endings else "")


def _confirmation(after: TeamPolicy, counts: Mapping[str, int]) -> str:
    """Bound to the team, the policies and the numbers: what grew since somebody looked has to be looked at again."""
    message = repr((after.team_id, sorted(values_of(after).items()), sorted(counts.items())))
    return salted_hmac("accounts.policies", message, algorithm="sha256").hexdigest()[:32]
