"""All links of the installation, for its administrators: whose they are and what they open, and no address of one.

Whoever has the token of a link is let in, so no administrator is told of it here, nor of what its owner has written
about it. Names are told as in the journal and the trash of the console.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from accounts.actor import Actor
from accounts.permissions import require_administrator
from common.clock import now
from files.models import Grant
from sharing.models import Audience, Link, LinkRole


class Standing(StrEnum):
    """Whether a link is at its end. What pauses one (a policy, rights of its maker, the trash) is not in it."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class LinksAsked:
    """What is left out is all of them."""

    team_id: int | None = None
    user_id: int | None = None  # who answers for it
    audience: Audience | None = None
    standing: Standing | None = None


def all_links(actor: Actor, asked: LinksAsked) -> "QuerySet[Link]":
    """With what a page shows of them, so that it costs one query. Raises NotAllowed, ScopeMissing."""
    require_administrator(actor)
    rows = Link.objects.select_related("created_by", "node__space__team")
    if asked.team_id is not None:
        rows = rows.filter(node__space__team_id=asked.team_id)
    if asked.user_id is not None:
        rows = rows.filter(created_by_id=asked.user_id)
    if asked.audience is not None:
        rows = rows.filter(audience=asked.audience)
    return rows if asked.standing is None else standing_so(rows, asked.standing)


def standing_so(rows: "QuerySet[Link]", standing: Standing) -> "QuerySet[Link]":
    """Those of the rows that stand so; a link that has lost its grant counts as revoked."""
    granted = Exists(Grant.objects.filter(link_id=OuterRef("pk"), node_id=OuterRef("node_id")))
    if standing == Standing.REVOKED:
        return rows.filter(~Q(revoked_at=None) | ~Q(granted))
    closing = ExpressionWrapper(F("deadline") + F("grace"), output_field=DateTimeField())
    rows = rows.filter(granted, revoked_at=None).annotate(closing=closing)
    over = rows.filter(Q(expires_at__lte=now()) | Q(role=LinkRole.UPLOADER, closing__lte=now()))
    return over if standing == Standing.EXPIRED else rows.exclude(pk__in=over.values("pk"))


def standing_of(link: Link) -> Standing:
    """Of one that was read; whether it has its grant is not looked at."""
    if link.revoked_at is not None:
        return Standing.REVOKED
    ends = [link.expires_at]
    if link.is_request and link.deadline is not None:
        ends.append(link.deadline + link.grace)
    return Standing.EXPIRED if any(end is not None and end <= now() for end in ends) else Standing.LIVE
