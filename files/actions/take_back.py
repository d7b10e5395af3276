"""Undoing what somebody has moved out of a team's space, for the managers of the space: wherever it is now."""

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import record
from accounts.notices import TAKEN_BACK, taken_back
from common.ids import is_id
from files import errors
from files.access.compute import NO_ACCESS
from files.access.rights import Right
from files.actions import limits
from files.actions.trash import folder_before, restore
from files.models import Change, Node, NodeLock, SpaceKind, TrashItem
from files.queries.moved_out import moved_out
from files.queries.tree import LocatedNode, PathStep, ancestors_of
from files.tree import mounting, relocating
from files.tree.between import relocate
from files.tree.folders import Chain, chain_path
from files.tree.keys import free_name
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work


def take_back(actor: Actor, *, space_id: int, seq: int) -> LocatedNode:
    """To where it was, under the name that it had, with all that is below it now and all versions: whatever it is
    called where it is, whoever has locked it there, and from the trash too.

    `seq` is the line of the space's journal that tells of the move. Raises NotFound, Forbidden, ScopeMissing,
    SpaceArchived; MovedFileGone when it was purged, or has left the team; QuotaExceeded. Whoever had it in their home
    is told by mail.
    """
    line = moved_out(actor, space_id).filter(seq=seq if is_id(seq) else 0).first()
    if line is None:
        raise errors.NotFound(_("There is no such line in the journal."))
    there = _space_of(line)
    with space_unit_of_work(actor, space_id, there) as unit:
        target, source = unit[space_id], unit[there]
        target.require(Right.MANAGE, [target.space.root_id or 0])
        if _space_of(line) != there or source.space.team_id != target.space.team_id:
            raise errors.MovedFileGone
        source.passes_brake = True
        source.passes_locks = True  # of the person who has moved it: they would hold it forever
        place = _live(source, line.node_id)
        _forget_locks(place)
        mounting.hide_below(source, place.node.pk)  # those that its owner has put into it
        chain = folder_before(unit.actor, target, line.before_parent_id or 0, line.before_path)
        limits.check_depth(place.node, chain)
        name_there = place.node.name
        name = free_name(chain[-1].id, line.before_name)
        relocate(source, target, place, chain, name)
        path = chain_path(chain, name)
        owner = source.space.owner_id if source.space.kind == SpaceKind.HOME else None
        detail = {"space": space_id, "node": line.node_id, "seq": seq, "from_space": there, "from_user": owner}
        record(unit.actor, TAKEN_BACK, path, by_grant=target.grant_id, **detail)
        if owner is not None:
            taken_back(unit.actor, owner_id=owner, name=name_there)
        access = target.rules.along([*(step.id for step in chain), line.node_id])
    return LocatedNode(target.space, place.node, chain, access)


def _space_of(line: Change) -> int:
    """Where it is now. Raises MovedFileGone, and InvalidRequest for what is back already."""
    found = Node.objects.filter(pk=line.node_id).values_list("space_id", flat=True).first()
    if found is None:
        raise errors.MovedFileGone
    if found == line.space_id:
        raise errors.InvalidRequest(_("It is in this space again."), parameter="seq")
    return int(found)


def _live(source: SpaceUnitOfWork, node_id: int) -> LocatedNode:
    """Its place in the tree where it is; out of the trash, to the top of that tree, first. Raises MovedFileGone."""
    place = _located(source, node_id)
    if place.chain_ids[0] == source.space.root_id:
        return place
    items = TrashItem.objects.select_related("node__version", "space").filter(space=source.space, purging=False)
    item = items.filter(node_id=place.chain_ids[0]).first()
    root = Node.objects.filter(pk=source.space.root_id or 0).first()
    if item is None or root is None:
        raise errors.MovedFileGone
    top: Chain = (PathStep(root.pk, root.name, root.kind),)
    if item.node_id == node_id:
        restore(source, item, top)
    else:
        path = item.path + chain_path(place.ancestors, place.node.name)  # below the top, whose path is the item's
        relocating.take_out_of_trash(source, place, path, top, place.node.name)
    source.flush()
    return _located(source, node_id)


def _located(source: SpaceUnitOfWork, node_id: int) -> LocatedNode:
    node = Node.objects.select_related("version").get(pk=node_id)
    return LocatedNode(source.space, node, ancestors_of([node_id])[node_id], NO_ACCESS)


def _forget_locks(place: LocatedNode) -> None:
    """Those in it end: what goes to another space takes no lock along."""
    held = dict(NodeLock.objects.filter(space=place.space).values_list("pk", "node_id"))
    above = ancestors_of(set(held.values()))
    below = [pk for pk, at in held.items() if place.node.pk in (at, *(step.id for step in above[at]))]
    NodeLock.objects.filter(pk__in=below).delete()
