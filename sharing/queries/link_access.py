"""Opening a link: whether it is there and for whom, and the actor that acts through it.

What a link allows is its grant, which `files.access.compute` reads. What is decided here is whether it opens at all,
when a request comes and again inside each act, stream and long poll of the link (`renewed`, settings.LINK_PRINCIPAL).
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare

from accounts.actor import ALL_SCOPES, READ, WRITE, Actor, Principal, PrincipalKind, principal_of
from accounts.errors import InvalidCredentials
from accounts.models import Membership, User
from accounts.policies import policy_in
from accounts.tokens import epoch_of
from accounts.unit_of_work import look_again
from common.clock import now
from files.access.compute import SpaceAccess, facts_of
from files.access.rights import Right, rights_of
from files.models import Grant, TrashItem
from files.queries.tree import LocatedNode, PathStep, ancestors_of, folder_at, locate
from sharing import errors
from sharing.models import Audience, Link
from sharing.queries.link_policy import last_end, pausing_rules

PROOF_LIFETIME = 4 * 3600  # seconds that a password once typed opens its link in one browser
_SALT = "sharing.link"
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SCOPES = frozenset({READ, WRITE})  # nobody gives on what a link gave them


@dataclass(frozen=True, slots=True)
class OpenLink:
    """`actor` acts through the link: to be given to queries and actions of files. `place` is what it leads to; of a
    file request the folder, which nobody sees through it. What visitors do is counted by `count_visit`,
    `count_download` and `count_upload` of sharing.actions.link_uses.
    """

    link: Link
    actor: Actor
    place: LocatedNode


def open_link(slug: str, visitor: Actor, *, proof: str = "") -> OpenLink:
    """`visitor`: who is signed in, or somebody unknown, with client and address. `proof`: of the password, which
    `try_password` gives.

    Raises LinkNotFound, LinkExpired, LinkClosed, LinkAgainstPolicy, LinkSignInRequired, LinkNotForYou,
    LinkPasswordRequired, LinkPaused, LinkTargetInTrash.
    """
    link = find_link(slug)
    require_visitor(link, visitor)
    if link.has_password and not proof_is_good(link, proof):
        raise errors.LinkPasswordRequired
    _require_target(link)
    actor = actor_of(link, visitor)
    place = folder_at(actor, link.node_id) if link.is_request else locate(actor, link.node_id)
    return OpenLink(link, actor, place)


def require_visitor(link: Link, visitor: Actor) -> None:
    """What stands before the password. Raises LinkExpired, LinkClosed, LinkAgainstPolicy, LinkSignInRequired,
    LinkNotForYou.
    """
    _require_open(link)
    _require_audience(link, visitor)


def find_link(slug: str) -> Link:
    """By its token, or the address that its owner chose; with its node, and who made it. Raises LinkNotFound."""
    if _SLUG.fullmatch(slug) is None:
        raise errors.LinkNotFound
    found = {link.token: link for link in live_links().filter(Q(token=slug) | Q(address=slug.lower()))}
    link = found.get(slug) or next(iter(found.values()), None)
    if link is None:
        raise errors.LinkNotFound
    return link


def live_links() -> "QuerySet[Link]":
    """Those that were not revoked, nor have lost what they grant. With all that says whether they open."""
    granted = Grant.objects.filter(link_id=OuterRef("pk"), node_id=OuterRef("node_id"))
    rows = Link.objects.select_related("node__space__team__policy", "created_by__membership")
    return rows.filter(Exists(granted), revoked_at=None)


def actor_of(link: Link, visitor: Actor) -> Actor:
    """Who acts through the link, for this visitor."""
    return Actor(
        principal=Principal(PrincipalKind.LINK, link.pk),
        team_id=link.node.space.team_id,
        scopes=_SCOPES,
        client=visitor.client,
        address=visitor.address,
        epoch=epoch_of(0, link.password),
        behind=None if link.audience == Audience.ANYONE else visitor,
        lock_tokens=visitor.lock_tokens,
    )


def renewed(actor: Actor) -> Actor:
    """The actor of a link as it is now, for accounts.unit_of_work. Raises as `open_link` does, and InvalidCredentials
    when the password has changed or who came by it may not come any more.
    """
    link = live_links().filter(pk=actor.link_id or 0).first()
    if link is None:
        raise errors.LinkNotFound
    _require_open(link)
    if link.audience != Audience.ANYONE:
        visitor = actor.behind if actor.behind is not None else Actor()
        _require_audience(link, look_again(visitor))
    if actor.epoch != epoch_of(0, link.password):
        raise InvalidCredentials
    _require_target(link)
    return replace(actor, team_id=link.node.space.team_id)


def closes_at(link: Link) -> datetime | None:
    """When it ends: of a file request also some time after its deadline."""
    ends = [link.expires_at]
    if link.is_request and link.deadline is not None:
        ends.append(link.deadline + link.grace)
    return min((end for end in ends if end is not None), default=None)


def ends_at(link: Link) -> datetime | None:
    """The same by the policies of the team, too."""
    ends = [closes_at(link), last_end(link, policy_in(link.node.space.team))]
    return min((end for end in ends if end is not None), default=None)


def is_allowed(link: Link) -> bool:
    """Whether the policies of the team let it open. Of one that `live_links` has read: no query."""
    policy = policy_in(link.node.space.team)
    return not pausing_rules(link, policy, role=role_of_maker(link), end=closes_at(link))


def role_of_maker(link: Link) -> str:
    """In the team of the space, as it is now; empty for who is not in it."""
    membership: Membership | None = getattr(link.created_by, "membership", None)
    if membership is None or membership.team_id != link.node.space.team_id:
        return ""
    return membership.role


def is_late(link: Link) -> bool:
    """Whether what a file request is sent now comes after its deadline."""
    return link.deadline is not None and link.deadline <= now()


def proof_of(link: Link) -> str:
    """That somebody has typed the password: signed, for this link and this password, for PROOF_LIFETIME."""
    return signing.TimestampSigner(salt=_SALT).sign(_proved(link))


def proof_is_good(link: Link, proof: str) -> bool:
    if not proof or len(proof) > 200:
        return False
    try:
        value = signing.TimestampSigner(salt=_SALT).unsign(proof, max_age=PROOF_LIFETIME)
    except signing.BadSignature:
        return False
    return constant_time_compare(value, _proved(link))


def _proved(link: Link) -> str:
    return f"{link.pk}.{epoch_of(0, link.password)}"


def _require_open(link: Link) -> None:
    moment = now()
    if link.expires_at is not None and link.expires_at <= moment:
        raise errors.LinkExpired
    end = closes_at(link)
    if end is not None and end <= moment:
        raise errors.LinkClosed
    if not is_allowed(link):
        raise errors.LinkAgainstPolicy
    last = ends_at(link)
    if last is not None and last <= moment:
        raise errors.LinkExpired


def _require_audience(link: Link, visitor: Actor) -> None:
    if link.audience == Audience.ANYONE:
        return
    if visitor.principal.kind is not PrincipalKind.USER:
        raise errors.LinkSignInRequired
    if link.audience == Audience.TEAM and visitor.team_id != link.node.space.team_id:
        raise errors.LinkNotForYou


def _require_target(link: Link) -> None:
    """It is where one finds it, and who made the link may still share it."""
    above = ancestors_of([link.node_id])[link.node_id]
    _require_live(link, above)
    maker = maker_of(link)
    if maker is None or not may_share(link, above, SpaceAccess(maker, facts_of(link.node.space))):
        raise errors.LinkPaused


def _require_live(link: Link, above: tuple[PathStep, ...]) -> None:
    space, top = link.node.space, above[0].id if above else link.node_id
    if space.purge_began_at is not None:
        raise errors.LinkNotFound
    if space.deleted_at is not None:
        raise errors.LinkTargetInTrash
    if top == space.root_id:
        return
    if TrashItem.objects.filter(node_id=top, purging=False).exists():
        raise errors.LinkTargetInTrash
    raise errors.LinkNotFound


def maker_of(link: Link) -> Actor | None:
    """Who answers for the link, as they are now; None when they are gone."""
    user: User | None = link.created_by
    if user is None or not user.is_active:
        return None
    membership: Membership | None = getattr(user, "membership", None)
    if membership is None:
        return None
    return Actor(principal_of(user.pk), team_id=membership.team_id, role=membership.role, scopes=ALL_SCOPES)


def may_share(link: Link, above: tuple[PathStep, ...], makers: SpaceAccess) -> bool:
    """Whether its maker, by what they may do in the space, may give what the link gives: nobody keeps by a link what
    was taken from them. In an archived space it is enough that they might before. One query outside of their home.
    """
    access = makers.along([*(step.id for step in above), link.node_id])
    held = access.rights | access.withheld
    return Right.SHARE in held and not rights_given(link.role, allow_download=link.allow_download) & ~held


def rights_given(role: str, *, allow_download: bool) -> Right:
    """What visitors can make use of: nobody shares what they got by a link."""
    return rights_of(role, can_download=allow_download) & ~Right.SHARE
