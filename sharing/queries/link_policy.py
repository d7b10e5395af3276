"""The policies of a team for links that open for others than the team (decision 50).

They are asked each time a link opens, from what is read of it anyway: so nothing is stored with a link, no job can be
late, and a link that was paused opens again with the policy that is loosened.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.errors import AgainstPolicy
from accounts.models import Membership, Outside, TeamPolicy, User
from accounts.permissions import TEAM_MANAGERS
from accounts.policies import Affected, Ending, may_link_outside
from common.clock import now
from files.models import Grant
from sharing.models import Audience, Link, LinkRole


class Rule(StrEnum):
    """A policy that a link can be against, by the name of its setting."""

    EXTERNAL = "external_links"
    PASSWORD = "link_password_required"  # noqa: S105
    EXPIRY = "link_expiry_required"
    LONGEST = "link_longest_days"


_PARAMETERS = {
    Rule.EXTERNAL: "audience",
    Rule.PASSWORD: "password",
    Rule.EXPIRY: "expires_at",
    Rule.LONGEST: "expires_at",
}
_MESSAGES = {
    Rule.EXTERNAL: _("A policy of the team does not let you make links for others than the team."),
    Rule.PASSWORD: _("A policy of the team asks for a password for links that open for others than the team."),
    Rule.EXPIRY: _("A policy of the team asks for an end of links that open for others than the team."),
    Rule.LONGEST: _("A policy of the team lets links end %(days)d days after they are made, and no later."),
}


def is_external(link: Link) -> bool:
    """Whether it opens for others than the team of its space. Nobody asks policies about the others."""
    return link.audience != Audience.TEAM


def broken_rules(link: Link, policy: TeamPolicy, *, role: str, end: datetime | None) -> frozenset[Rule]:
    """What the link is against. `role`: of its maker in the team; `end`: what was chosen for it."""
    if not is_external(link):
        return frozenset()
    found = set()
    if not may_link_outside(policy, role):
        found.add(Rule.EXTERNAL)
    if policy.link_password_required and not link.has_password:
        found.add(Rule.PASSWORD)
    last = last_end(link, policy)
    if end is None and (policy.link_expiry_required or last is not None):
        found.add(Rule.EXPIRY)
    if end is not None and last is not None and end > last:
        found.add(Rule.LONGEST)
    return frozenset(found)


def pausing_rules(link: Link, policy: TeamPolicy, *, role: str, end: datetime | None) -> frozenset[Rule]:
    """For which of them it does not open: one that lasts too long opens until the time that the policy leaves it."""
    found = broken_rules(link, policy, role=role, end=end) - {Rule.LONGEST}
    return found - {Rule.EXPIRY} if policy.link_longest_days is not None else found


def last_end(link: Link, policy: TeamPolicy) -> datetime | None:
    """Until when the policy lets a link open, whatever was chosen for it; None without a limit."""
    if policy.link_longest_days is None or not is_external(link):
        return None
    return link.created_at + timedelta(days=policy.link_longest_days)


def default_end(link: Link, policy: TeamPolicy) -> datetime | None:
    """Of one that is made without an end."""
    days = policy.link_default_days if policy.link_default_days is not None else policy.link_longest_days
    return None if days is None or not is_external(link) else link.created_at + timedelta(days=days)


def refuse(rules: frozenset[Rule], policy: TeamPolicy) -> None:
    """Raises AgainstPolicy for the first of them, with the parameter that would have to be another one."""
    for rule in Rule:
        if rule in rules:
            more = {"days": policy.link_longest_days} if rule is Rule.LONGEST else {}
            raise AgainstPolicy(_MESSAGES[rule], rule=rule.value, parameter=_PARAMETERS[rule], **more)


def told_to_makers(policy: TeamPolicy, role: str) -> "list[Promise | str]":
    """What the policies ask of the links that somebody with this role makes for others than the team: sentences."""
    if not may_link_outside(policy, role):
        return [_("A policy of the team lets you make links for people of the team only.")]
    told: list[Promise | str] = []
    if policy.link_password_required:
        told.append(_("Links for others than the team need a password."))
    if policy.link_longest_days is not None:
        days = policy.link_longest_days
        text = ngettext(
            "Links for others than the team end after %(days)d day.",
            "Links for others than the team end after %(days)d days.",
            days,
        )
        told.append(text % {"days": days})
    elif policy.link_expiry_required:
        told.append(_("Links for others than the team need an end."))
    return told


def endings(before: TeamPolicy, after: TeamPolicy) -> list[Ending]:
    """For settings.POLICY_HOOKS: links that open and would be paused, those whose time would be over, and those that
    would end sooner.
    """
    rows = _open_links(before)
    paused = rows.filter(_paused(after))
    still = rows.exclude(_paused(after))
    over = sooner = rows.none()
    if after.link_longest_days is not None:
        over = still.exclude(_in_time(after.link_longest_days))
        sooner = _cut(still.filter(_in_time(after.link_longest_days)), before, after.link_longest_days)
    return [
        Ending("links_paused", _("Links that no longer open"), paused, _shown),
        Ending("links_over", _("Links whose time is over"), over, _shown),
        Ending("links_sooner", _("Links that end sooner"), sooner, _shown),
    ]


def _open_links(policy: TeamPolicy) -> "QuerySet[Link]":
    """For others than the team: neither revoked, nor at an end, nor paused by the policy. `closing`: when a file
    request is over.
    """
    moment, granted = now(), Grant.objects.filter(link_id=OuterRef("pk"), node_id=OuterRef("node_id"))
    rows = Link.objects.filter(Exists(granted), node__space__team_id=policy.team_id, revoked_at=None)
    rows = rows.exclude(audience=Audience.TEAM).annotate(closing=_time(F("deadline") + F("grace")))
    rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=moment))
    rows = rows.filter(~Q(role=LinkRole.UPLOADER) | Q(deadline=None) | Q(closing__gt=moment)).exclude(_paused(policy))
    longest = policy.link_longest_days
    return rows if longest is None else rows.filter(_in_time(longest))


def _paused(policy: TeamPolicy) -> Q:
    """`pausing_rules` in SQL, for external links."""
    found = Q(pk__in=[])
    if policy.external_links == Outside.NOBODY:
        found |= Q(pk__isnull=False)
    elif policy.external_links == Outside.ADMINS:
        managers = Membership.objects.filter(team_id=policy.team_id, role__in=TEAM_MANAGERS)
        found |= Q(created_by=None) | ~Q(created_by__in=managers.values("user_id"))
    if policy.link_password_required:
        found |= Q(password="")
    if policy.link_expiry_required and policy.link_longest_days is None:
        found |= Q(expires_at=None) & (~Q(role=LinkRole.UPLOADER) | Q(deadline=None))
    return found


def _in_time(days: int) -> Q:
    """Not past the time that the policy leaves them."""
    return Q(created_at__gt=now() - timedelta(days=days))


def _cut(links: "QuerySet[Link]", before: TeamPolicy, days: int) -> "QuerySet[Link]":
    """Those that were to end later than so many days after they were made, or never."""
    if before.link_longest_days is not None and before.link_longest_days <= days:
        return links.none()
    links = links.annotate(last=_time(F("created_at") + timedelta(days=days)))
    later = Q(expires_at=None) | Q(expires_at__gt=F("last"))
    return links.filter(later & (~Q(role=LinkRole.UPLOADER) | Q(deadline=None) | Q(closing__gt=F("last"))))


def _time(expression: Combinable) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=DateTimeField())


def _shown(links: Sequence[Link]) -> list[Affected]:
    """Whose they are, and no name of what they lead to: that may be in a home, which is its owner's alone."""
    whose = dict(User.objects.filter(pk__in={link.created_by_id for link in links}).values_list("pk", "email"))
    return [
        Affected(str(link.pk), whose.get(link.created_by_id or 0, ""), str(link.get_role_display())) for link in links
    ]
