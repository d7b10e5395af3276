"""Links as those see them who made them or manage what they lead to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from accounts.actor import SHARE, Actor
from accounts.permissions import require_scope
from common.clock import now
from common.ids import is_id
from files.access.compute import SpaceAccess, SpaceFacts, access_in_spaces, facts_of
from files.access.rights import Right
from files.models import TrashItem
from files.queries.shown import path_shown
from files.queries.tree import LocatedNode, PathStep, ancestors_of, locate, locate_path, root_of
from sharing import errors
from sharing.models import Link
from sharing.queries.link_access import ends_at, is_allowed, live_links, maker_of, may_share

Chain = tuple[PathStep, ...]


class LinkState(StrEnum):
    """Whether a link opens, and why not."""

    OPEN = "open"
    ENDED = "ended"  # it has expired, or the time of a file request is over
    USED_UP = "used_up"  # it opens, and nothing can be downloaded any more
    PAUSED = "paused"  # who made it may not share that now
    AGAINST_POLICY = "against_policy"  # the team does not allow such links now
    IN_TRASH = "in_trash"


@dataclass(frozen=True, slots=True)
class ListedLink:
    """`path` is as the actor sees it; None in the trash, and where they do not see it any more."""

    link: Link
    path: str | None
    state: LinkState


def list_links(
    actor: Actor, *, node_id: int | None = None, path: str | None = None, space_id: int | None = None
) -> "QuerySet[Link]":
    """The links that the actor has made; or those on one file or folder, as far as they have made them or manage it; or
    all in a space, for who manages it. To be paged, and shown by `described`.

    Whoever has a link can use it, so a token without `share` is told of none. Raises ScopeMissing, NotFound, Forbidden.
    """
    require_scope(actor, SHARE)
    mine = _links().filter(created_by_id=actor.user_id or 0)
    if space_id is not None:
        space, _ = root_of(actor, space_id, Right.MANAGE)
        return _links().filter(node__space_id=space.pk)
    if node_id is None and path is None:
        return mine
    place = (locate(actor, node_id) if node_id is not None else locate_path(actor, path or "")).entered
    rows = _links() if manages(place) else mine
    return rows.filter(node_id=place.node.pk)


def get_link(actor: Actor, link_id: int) -> ListedLink:
    """One that the actor has made, or whose file or folder they manage. Raises LinkNotFound, ScopeMissing."""
    require_scope(actor, SHARE)
    link = _links().filter(pk=link_id if is_id(link_id) else 0).first()
    if link is None:
        raise errors.LinkNotFound
    if link.created_by_id is None or link.created_by_id != actor.user_id:
        chain = ancestors_of([link.node_id])[link.node_id]
        access = SpaceAccess(actor, facts_of(link.node.space)).along([*(step.id for step in chain), link.node_id])
        if Right.MANAGE not in access.rights | access.withheld:
            raise errors.LinkNotFound
    return described(actor, [link])[0]


def _links() -> "QuerySet[Link]":
    """Nothing of a deleted space is told, until it is restored."""
    return live_links().filter(node__space__deleted_at=None)


def manages(place: LocatedNode) -> bool:
    """Also while it is archived."""
    return Right.MANAGE in place.access.rights | place.access.withheld


def described(actor: Actor, links: Sequence[Link]) -> list[ListedLink]:
    """A page of them. Three queries at most, and one for each further person who has made some of them."""
    chains = ancestors_of({link.node_id for link in links})
    spaces = {link.node.space_id: facts_of(link.node.space) for link in links}
    mine = access_in_spaces(actor, list(spaces.values()))
    in_trash = _in_trash(links, chains)
    makers = _Makers(spaces.values(), mine, actor)
    found = []
    for link in links:
        above = chains[link.node_id]
        trashed = link.pk in in_trash
        path = None if trashed else _path(mine[link.node.space_id], link, above)
        found.append(ListedLink(link, path, _state(link, above, makers, trashed=trashed)))
    return found


class _Makers:
    """What those who made links may do in the spaces: asked once for each person."""

    def __init__(self, spaces: Iterable[SpaceFacts], mine: dict[int, SpaceAccess], actor: Actor) -> None:
        self._spaces, self._known = list(spaces), {actor.user_id: mine}

    def may_share(self, link: Link, above: Chain) -> bool:
        maker = maker_of(link)
        if maker is None:
            return False
        if maker.user_id not in self._known:
            self._known[maker.user_id] = access_in_spaces(maker, self._spaces)
        return may_share(link, above, self._known[maker.user_id][link.node.space_id])


def _in_trash(links: Sequence[Link], chains: dict[int, Chain]) -> set[int]:
    tops = {link.pk: chains[link.node_id][0].id if chains[link.node_id] else link.node_id for link in links}
    away = {link.pk for link in links if tops[link.pk] != link.node.space.root_id}
    if not away:
        return set()
    known = set(TrashItem.objects.filter(node_id__in={tops[pk] for pk in away}).values_list("node_id", flat=True))
    return {pk for pk in away if tops[pk] in known}


def _path(rules: SpaceAccess, link: Link, above: Chain) -> str | None:
    chain = (*above, PathStep(link.node_id, link.node.name, link.node.kind))
    if Right.VIEW not in rules.along([step.id for step in chain]).rights:
        return None
    return path_shown(rules, chain)


def _state(link: Link, above: Chain, makers: _Makers, *, trashed: bool) -> LinkState:
    end = ends_at(link)
    if end is not None and end <= now():
        return LinkState.ENDED
    if trashed:
        return LinkState.IN_TRASH
    if not is_allowed(link):
        return LinkState.AGAINST_POLICY
    if not makers.may_share(link, above):
        return LinkState.PAUSED
    if link.max_downloads is not None and link.downloads >= link.max_downloads:
        return LinkState.USED_UP
    return LinkState.OPEN
