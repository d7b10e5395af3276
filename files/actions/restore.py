"""Back from the trash: to where it was, with the folders on the way made again, renamed if its name is taken."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.quotas import Charge
from common.paths import split_path
from files import errors
from files.access.rights import Right
from files.actions import limits
from files.models import ChangeKind, Node, TrashItem
from files.queries import tree
from files.queries.target import Target, base_place
from files.queries.trash import item_chains, trash_items
from files.queries.tree import LocatedNode, PathStep, ancestors_of
from files.queries.veil import cover
from files.tree import restricted
from files.tree.folders import Chain, Missing, chain_path, ensure_folders, make_folders
from files.tree.names import free_name
from files.tree.relocating import attach
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork, space_unit_of_work


def restore_items(actor: Actor, *, item_ids: Sequence[int], parent_id: int | None = None) -> list[LocatedNode]:
    """`parent_id`: into this folder (of the same space) instead of where each was."""
    limits.check_count(item_ids)
    space_ids = {item.space_id for item in trash_items(actor, item_ids)}
    with space_unit_of_work(actor, *space_ids, bulk=len(item_ids) > 1) as unit:
        actor, places = unit.actor, []
        items = trash_items(actor, item_ids)
        chains = item_chains(actor, items)
        for item in items:
            work = unit[item.space_id]
            work.require(Right.DELETE, chains[item.pk])  # back from where it took that right to send it
            chain = _explicit(actor, parent_id, item) if parent_id else original_folder(actor, work, item)
            places.append(restore(work, item, chain))
    cover((place.node, place.access) for place in places)
    return places


def restore(work: SpaceUnitOfWork, item: TrashItem, chain: Chain, *, name: str | None = None) -> LocatedNode:
    """Puts the tree back under the folder at the end of `chain`; renames on conflict."""
    node = item.node
    limits.check_depth(node, chain)
    name = free_name(chain[-1].id, name or node.name)
    after = NodeLocation(chain[-1].id, name, chain_path(chain, name), node.version_id)
    node.seq = work.record(ChangeKind.RESTORE, node, after=after)
    work.touch(
        [step.id for step in chain],
        size=node.size,
        versions_size=node.versions_size,
        descendants=node.descendants + 1,
        height=node.height + 1,
    )
    total = node.size + node.versions_size
    work.charge += Charge(live=node.size, versions=node.versions_size, trash=-total)
    item.delete()
    attach(node, chain[-1].id, name)
    access = work.rules.along([*(step.id for step in chain), node.pk])
    return LocatedNode(work.space, node, chain, access)


def original_folder(actor: Actor, work: SpaceUnitOfWork, item: TrashItem) -> Chain:
    return folder_before(actor, work, item.parent_id_before, item.path)


def folder_before(actor: Actor, work: SpaceUnitOfWork, parent_id: int, path: str) -> Chain:
    """The folder that something was in, wherever in the space that is now; else by the path it had, made again. What
    was in a restricted one comes back into a restricted one.
    """
    parent = Node.objects.filter(pk=parent_id, space=work.space).first()
    if parent is not None:
        above = ancestors_of([parent.pk])[parent.pk]
        if (above[0].id if above else parent.pk) == work.space.root_id:
            return (*above, PathStep(parent.pk, parent.name, parent.kind))
    names = tuple(split_path(path)[:-1])
    root = tree.place_at(actor, work.space, [])
    there = len(tree.walk(work.space, names))
    made = ensure_folders(work, root, [names], were_there=True)[names]
    chain = root.chain if isinstance(made, Missing) else made
    before = restricted.restricted_above(work.space, parent_id)
    if before is None or not names or restricted.is_in_restricted(chain):
        return chain
    if len(chain) <= there:  # what is there is another folder, and open to others
        chain = _beside(work, chain[:-1] if len(chain) > 1 else chain, names[-1])
        there = len(chain) - 1
    restricted.restrict_like(work, chain[there].id, before)
    return chain


def _beside(work: SpaceUnitOfWork, parent: Chain, name: str) -> Chain:
    (folder,) = make_folders(work, [(parent, free_name(parent[-1].id, name))])
    return (*parent, PathStep(folder.pk, folder.name, folder.kind))


def _explicit(actor: Actor, parent_id: int, item: TrashItem) -> Chain:
    place = base_place(actor, Target(parent_id=parent_id))
    if place.space.pk != item.space_id:
        raise errors.InvalidRequest(_("The folder is in another space than the deleted item."))
    place.require(Right.CREATE)
    return place.chain
