"""Giving a file or folder of one's home to somebody of the team for good: an offer, which they accept or decline.

With it go its shares, its earlier versions, and its bytes, for which the receiver's account pays from then on.
"""

from accounts.actor import SHARE, WRITE, Actor
from accounts.audit import record
from accounts.models import Membership, User
from accounts.permissions import require_scope
from accounts.queries import own_id
from accounts.unit_of_work import Lock, unit_of_work
from common.ids import is_id
from files.access.compute import NO_ACCESS
from files.access.rights import Right, Role
from files.actions import limits
from files.actions.grants import mark_shared, work_on_grants
from files.actions.mounts import ask_for_mounts
from files.models import Grant, Mount, Node, Space, SpaceKind
from files.queries.tree import LocatedNode, PathStep, ancestors_of
from files.tree import mounting
from files.tree.between import relocate, share_versions
from files.tree.folders import Chain
from files.tree.keys import free_name
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work
from sharing.errors import Forbidden, InvalidRequest, NotFound
from sharing.models import Transfer


def offer_transfer(actor: Actor, *, node_id: int, to_user_id: int, keeps: Role | None = None) -> Transfer:
    """Of the actor's own home, to somebody of their team; another offer of the same takes the place of the one before.
    `keeps`: the role that the actor has afterwards. Raises NotFound, Forbidden (not one's own), RootIsFixed,
    ScopeMissing, InvalidRequest (to oneself, or to nobody of the team).
    """
    with work_on_grants(actor, node_id) as (work, place):
        place.require(Right.MANAGE)
        if place.space.kind != SpaceKind.HOME or place.space.owner_id != work.actor.user_id:
            raise Forbidden
        members = Membership.objects.filter(team_id=place.space.team_id, user__is_active=True)
        if to_user_id == work.actor.user_id or not members.filter(user_id=to_user_id).exists():
            raise InvalidRequest(parameter="to_user_id")
        values = {"giver_id": work.actor.user_id, "receiver_id": to_user_id, "keeps": keeps or ""}
        transfer, _ = Transfer.objects.update_or_create(node_id=place.node.pk, defaults=values)
        record(work.actor, "transfer.offer", place.path, node=place.node.pk, to=to_user_id)
    return transfer


def accept_transfer(actor: Actor, *, transfer_id: int) -> LocatedNode:
    """At the top of the actor's home, under a free name. Raises NotFound (also where the giver does not have it any
    more), QuotaExceeded, TooDeep, Locked, ScopeMissing.
    """
    require_scope(actor, WRITE)
    found = _offered(actor, transfer_id)
    homes = {home.owner_id: home for home in Space.objects.filter(kind=SpaceKind.HOME, owner__in=_people(found))}
    if len(homes) != 2:
        raise NotFound(id=transfer_id)
    with space_unit_of_work(actor, *(home.pk for home in homes.values())) as unit:
        require_scope(unit.actor, WRITE)
        transfer = _offered(unit.actor, transfer_id)
        source, target = unit[homes[transfer.giver_id].pk], unit[homes[transfer.receiver_id].pk]
        if source.space.team_id != target.space.team_id:
            raise NotFound(id=transfer_id)
        place = _located(source, transfer)
        _forget_mounts(source, target, place)
        root = Node.objects.get(pk=target.space.root_id or 0)
        chain: Chain = (PathStep(root.pk, root.name, root.kind),)
        limits.check_depth(place.node, chain)
        was = place.node.name
        name = free_name(root.pk, was)
        relocate(source, target, place, chain, name)
        share_versions(place.node.pk, source.space.pk)
        _settle_grants(transfer, target.space)
        record(unit.actor, "transfer.accept", f"/{name}", node=place.node.pk, from_user=transfer.giver_id, name=was)
        transfer.delete()
        ask_for_mounts()
        access = target.rules.along([root.pk, place.node.pk])
    return LocatedNode(target.space, place.node, chain, access)


def end_transfer(actor: Actor, *, transfer_id: int) -> None:
    """Withdrawn by who offers it, or declined. Raises NotFound, ScopeMissing."""
    require_scope(actor, SHARE)
    with unit_of_work(actor, Lock(User, own_id(actor), share=True)) as actor:
        require_scope(actor, SHARE)
        row = Transfer.objects.filter(pk=transfer_id if is_id(transfer_id) else 0).first()
        if row is None or actor.user_id not in (row.giver_id, row.receiver_id):
            raise NotFound(id=transfer_id)
        is_mine = row.giver_id == actor.user_id
        kind, to = ("transfer.withdraw", row.receiver_id) if is_mine else ("transfer.decline", row.giver_id)
        record(actor, kind, "", transfer=row.pk, node=row.node_id, to=to)
        row.delete()


def _offered(actor: Actor, transfer_id: int) -> Transfer:
    rows = Transfer.objects.filter(pk=transfer_id if is_id(transfer_id) else 0, receiver_id=actor.user_id or 0)
    found = rows.filter(giver__is_active=True).first()
    if found is None:
        raise NotFound(id=transfer_id)
    return found


def _people(transfer: Transfer) -> list[int]:
    return [transfer.giver_id, transfer.receiver_id]


def _located(source: SpaceUnitOfWork, transfer: Transfer) -> LocatedNode:
    """Where it is in the giver's home now: not in the trash, and not moved elsewhere."""
    node = Node.objects.select_related("version").filter(pk=transfer.node_id, space=source.space).first()
    above = () if node is None else ancestors_of([node.pk])[node.pk]
    if node is None or not above or above[0].id != source.space.root_id:
        raise NotFound(id=transfer.pk)
    return LocatedNode(source.space, node, above, NO_ACCESS)


def _forget_mounts(source: SpaceUnitOfWork, target: SpaceUnitOfWork, place: LocatedNode) -> None:
    """Those that the giver has put into it, and the receiver's of it, whose name becomes free."""
    mounting.hide_below(source, place.node.pk)
    for row in Mount.objects.filter(user_id=target.space.owner_id or 0, target_id=place.node.pk):
        node = Node.objects.filter(pk=row.node_id or 0).first()
        if node is not None:
            mounting.hide(target, node, ancestors_of([node.pk])[node.pk])
        row.delete()


def _settle_grants(transfer: Transfer, space: Space) -> None:
    """Its owner needs none, and who gave it keeps what they have asked for."""
    grants = Grant.objects.filter(node_id=transfer.node_id)
    grants.filter(user_id=transfer.receiver_id).delete()
    if grants.exists() or transfer.keeps:
        mark_shared(space)
    if transfer.keeps:
        values = {"role": transfer.keeps, "space_id": space.pk, "created_by_id": transfer.receiver_id}
        Grant.objects.update_or_create(node_id=transfer.node_id, user_id=transfer.giver_id, defaults=values)
