"""Making, changing and revoking links. A link and its grant change in one transaction, under the lock of the space."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from accounts.actor import SHARE, Actor, PrincipalKind
from accounts.audit import record
from accounts.errors import LimitReached
from accounts.models import User
from accounts.permissions import require_scope
from accounts.policies import policy_for, policy_in
from common.clock import now
from common.ids import is_id
from files import errors
from files.access.compute import Access
from files.access.rights import Right
from files.actions.grants import mark_shared
from files.actions.unit_of_work import work_on_nodes
from files.models import Grant, NodeKind, SpaceKind
from files.queries.shown import path_shown
from files.queries.tree import PathStep, ancestors_of, locate_path
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work
from sharing.actions.link_settings import LinkSettings, apply, settings_of
from sharing.errors import LinkAddressTaken, LinkNotFound
from sharing.models import Link, LinkRole
from sharing.queries.link_access import closes_at, live_links, rights_given, role_of_maker
from sharing.queries.link_policy import Rule, broken_rules, default_end, refuse

MAXIMUM_ON_NODE = 100
MAXIMUM_OF_PERSON = 5_000
KEPT_REVOKED = 1_000  # rows of one person: what the records call by its id, and addresses that nobody else gets


def create_link(actor: Actor, *, settings: LinkSettings, node_id: int | None = None, path: str | None = None) -> Link:
    """To a file or folder, by its id, or by its path in the home. Of a mount to what it stands for.

    Raises NotFound, Forbidden for who may not share it or has less than the link would give, ScopeMissing, RootIsFixed
    (a whole home), NotAFolder for a file request to a file, TooMany, LimitReached, LinkAddressTaken, InvalidRequest,
    PasswordRefused, AgainstPolicy. Without an end it gets the one that the team has set for such links.
    """
    require_scope(actor, SHARE)
    if node_id is None:
        node_id = locate_path(actor, path or "/").node.pk
    link = Link()
    apply(settings, link)
    with (
        _address_is_free(link),
        work_on_nodes(actor, [node_id], right=Right.SHARE, entering=True) as (unit, (place,)),
    ):
        actor, work = unit.actor, unit[place.space.pk]
        require_scope(actor, SHARE)
        if place.is_root and place.space.kind == SpaceKind.HOME:
            raise errors.RootIsFixed
        if link.is_request and not place.node.is_folder:
            raise errors.NotAFolder(path=place.path)
        _require_may_give(place.access, link)
        _require_room(actor, place.node.pk)
        link.node_id, link.created_by_id = place.node.pk, actor.user_id
        link.created_at = link.changed_at = now()
        _keep_to_policy(link, place.space.team_id, actor.role if actor.team_id == place.space.team_id else "")
        _take_address(link)
        link.save(force_insert=True)
        Grant.objects.create(
            link_id=link.pk,
            node_id=link.node_id,
            space_id=place.space.pk,
            created_by_id=actor.user_id,
            **_granted(link),
        )
        mark_shared(place.space)
        record(actor, "link.create", place.path, by_grant=work.grant_id, **_detail(link))
    return live_links().get(pk=link.pk)


def change_link(actor: Actor, *, link_id: int, changes: Mapping[str, Any], take_over: bool = False) -> Link:
    """`changes`: fields of LinkSettings with their new values. `take_over`: who manages what it leads to answers for it
    from then on, in place of who has made it.

    Raises LinkNotFound, Forbidden, ScopeMissing, SpaceArchived, and as `create_link` does.
    """
    require_scope(actor, SHARE)
    with _work_on(actor, link_id) as (work, link, access, chain):
        access.require(Right.SHARE)
        before, broken = settings_of(link), _broken(link)
        after = before.changed(changes)
        apply(after, link, before)
        if link.is_request and chain[-1].kind != NodeKind.FOLDER:
            raise errors.NotAFolder(path=path_shown(work.rules, chain))
        _require_may_give(access, link)
        if take_over and link.created_by_id != work.actor.user_id:
            access.require(Right.MANAGE)
            link.created_by = User.objects.select_related("membership").get(pk=work.actor.user_id or 0)
        refuse(_broken(link) - broken, policy_in(link.node.space.team))
        link.changed_at = now()
        with _address_is_free(link):
            _take_address(link)
            link.save(force_update=True, update_fields=_changed_fields())
        values = {**_granted(link), "created_by_id": link.created_by_id}
        Grant.objects.filter(link_id=link.pk, node_id=link.node_id).update(**values)
        kind = "link.take_over" if take_over else "link.change"
        by, path = access.nearest_grant, path_shown(work.rules, chain)
        record(work.actor, kind, path, by_grant=by, **_detail(link), changed=sorted(changes))
    return live_links().get(pk=link_id)


def revoke_link(actor: Actor, *, link_id: int) -> None:
    """For who has made it, whatever they may do by now, and who manages what it leads to. What comes through it ends.

    Raises LinkNotFound, ScopeMissing.
    """
    require_scope(actor, SHARE)
    with _work_on(actor, link_id) as (work, link, access, chain):
        end_link(link)
        path = path_shown(work.rules, chain)
        record(work.actor, "link.revoke", path, by_grant=access.nearest_grant, link=link.pk, node=link.node_id)


def end_link(link: Link) -> None:
    """In a unit of work on the space of its node."""
    Grant.objects.filter(link_id=link.pk).delete()
    Link.objects.filter(pk=link.pk).update(revoked_at=now())
    forget_oldest(link.created_by_id)


def forget_nodes(node_ids: Sequence[int]) -> None:
    """In the transaction that removes the rows of nodes for good (settings.PURGED_NODES_HOOKS)."""
    Link.objects.filter(node_id__in=list(node_ids)).delete()


@contextmanager
def _work_on(actor: Actor, link_id: int) -> Iterator[tuple[SpaceUnitOfWork, Link, Access, tuple[PathStep, ...]]]:
    """A link that the actor has made, or whose node they manage, under the lock of its space; with what they may do
    with the node, and the way to it, which in the trash begins there. Raises LinkNotFound, ScopeMissing.
    """
    row = live_links().filter(pk=link_id if is_id(link_id) else 0)
    found = row.first()
    if found is None:
        raise LinkNotFound
    with space_unit_of_work(actor, found.node.space_id) as unit:
        work = unit[found.node.space_id]
        require_scope(work.actor, SHARE)
        link = row.first()
        if link is None or link.node.space_id != work.space.pk:
            raise LinkNotFound
        chain = (*ancestors_of([link.node_id])[link.node_id], PathStep(link.node_id, link.node.name, link.node.kind))
        access = work.rules.along([step.id for step in chain])
        is_mine = link.created_by_id is not None and link.created_by_id == work.actor.user_id
        if not is_mine and Right.MANAGE not in access.rights | access.withheld:
            raise LinkNotFound
        yield work, link, access, chain


def _require_may_give(access: Access, link: Link) -> None:
    if rights_given(link.role, allow_download=link.allow_download) & ~access.rights:
        raise errors.Forbidden


def _keep_to_policy(link: Link, team_id: int, role: str) -> None:
    """Of a new one, before it is saved: gives it the end that the team has set. Raises AgainstPolicy."""
    policy = policy_for(team_id)
    if closes_at(link) is None:
        link.expires_at = default_end(link, policy)
    refuse(broken_rules(link, policy, role=role, end=closes_at(link)), policy)


def _broken(link: Link) -> frozenset[Rule]:
    """The policies that it is against already: a change adds none, and whoever may only mend a part does."""
    policy = policy_in(link.node.space.team)
    return broken_rules(link, policy, role=role_of_maker(link), end=closes_at(link))


def _require_room(actor: Actor, node_id: int) -> None:
    """Raises Forbidden for who is no person: nobody would answer for the link."""
    if actor.principal.kind is not PrincipalKind.USER:
        raise errors.Forbidden
    if live_links().filter(node_id=node_id).count() >= MAXIMUM_ON_NODE:
        raise errors.TooMany(limit=MAXIMUM_ON_NODE)
    if live_links().filter(created_by_id=actor.user_id).count() >= MAXIMUM_OF_PERSON:
        raise LimitReached(whose="account", what="links", limit=MAXIMUM_OF_PERSON)


def _take_address(link: Link) -> None:
    """An address of a link that its maker has revoked is theirs again. Nobody else gets it while that is known: what
    was sent to it once would lead to a stranger's files. Raises LinkAddressTaken.
    """
    if link.address is None:
        return
    others = Link.objects.filter(address=link.address).exclude(pk=link.pk)
    others.filter(created_by_id=link.created_by_id).exclude(revoked_at=None).update(address=None)
    if others.exists():
        raise LinkAddressTaken(address=link.address)


@contextmanager
def _address_is_free(link: Link) -> Iterator[None]:
    """Two at the same moment: the second is told as if it had come later."""
    try:
        yield
    except IntegrityError as error:
        if link.address is None:
            raise
        raise LinkAddressTaken(address=link.address) from error


def forget_oldest(user_id: int | None) -> None:
    """Of the links that somebody has revoked the latest are kept."""
    revoked = Link.objects.filter(created_by_id=user_id).exclude(revoked_at=None).order_by("-revoked_at", "-pk")
    oldest = list(revoked.values_list("pk", flat=True)[KEPT_REVOKED : KEPT_REVOKED + 100])
    if oldest:
        Link.objects.filter(pk__in=oldest).delete()


def _granted(link: Link) -> dict[str, Any]:
    """What the grant has of it."""
    return {"role": link.role, "can_download": link.allow_download, "expires_at": closes_at(link)}


def _detail(link: Link) -> dict[str, Any]:
    """For the record: never the token, the address or the password."""
    end = closes_at(link)
    return {
        "link": link.pk,
        "node": link.node_id,
        "role": str(link.role),
        "audience": str(link.audience),
        "password": link.has_password,
        "download": link.allow_download or link.role == LinkRole.UPLOADER,
        "expires_at": None if end is None else end.isoformat(),
    }


def _changed_fields() -> list[str]:
    """Without the counters, which visitors change at the same time."""
    return [*LinkSettings.__dataclass_fields__, "created_by", "changed_at"]
