"""Copying nodes, with all that is below them, in one short transaction."""

from collections.abc import Collection, Sequence

from accounts.actor import Actor
from common.paths import name_key
from files import errors
from files.actions import limits
from files.actions.opening import destination, involved
from files.actions.regions import require_same_region
from files.models import Node
from files.queries.target import Target, base_place
from files.queries.tree import Place, clean_name, locate_many
from files.tree import copying
from files.tree.edit import SpaceEdit, editing
from files.tree.folders import Chain
from files.tree.names import free_name
from files.tree.trashing import trash


def copy_nodes(
    actor: Actor,
    *,
    node_ids: Sequence[int],
    parent_id: int,
    autorename: bool = False,
    overwrite: bool = False,
) -> list[Place]:
    """Into another folder (or the same, with `autorename`), keeping their names. All of them or none."""
    limits.check_count(node_ids)
    return _copy(actor, node_ids, Target(parent_id=parent_id), None, autorename=autorename, overwrite=overwrite)


def copy_node(
    actor: Actor, *, node_id: int, target: Target, autorename: bool = False, overwrite: bool = False
) -> Place:
    """To the place that `target` names, its last name included."""
    names = target.path.rstrip("/").rsplit("/", 1)
    folder = Target(names[0] if len(names) > 1 else "", target.parent_id, target.space_id)
    (place,) = _copy(actor, [node_id], folder, clean_name(names[-1]), autorename=autorename, overwrite=overwrite)
    return place


def _copy(
    actor: Actor,
    node_ids: Sequence[int],
    folder: Target,
    name: str | None,
    *,
    autorename: bool,
    overwrite: bool,
) -> list[Place]:
    space_id = base_place(actor, folder).space.pk
    sources = {place.space.pk for place in locate_many(actor, node_ids)}
    with editing(actor, space_id, *sources, bulk=len(node_ids) > 1) as edits:
        target = edits[space_id]
        chain = destination(actor, folder, target)
        places = locate_many(actor, node_ids)
        kept = involved(places)
        if any(place.space.pk not in edits for place in places):  # moved to another space before the lock
            raise errors.NotFound
        for place in places:
            require_same_region(place.space, target.space)
        return [
            _copy_one(target, place, chain, name or place.node.name, autorename, kept if overwrite else None)
            for place in places
        ]


def _copy_one(
    target: SpaceEdit,
    place: Place,
    chain: Chain,
    name: str,
    autorename: bool,
    overwrite_except: Collection[int] | None,
) -> Place:
    if place.is_root:
        raise errors.RootIsFixed
    if any(step.id == place.node.pk for step in chain):
        raise errors.MoveIntoItself(path=place.path)
    limits.check_depth(place.node, chain)
    parent_id = chain[-1].id
    taken = Node.objects.filter(parent_id=parent_id, name_key=name_key(name)).first()
    if taken is not None:
        if overwrite_except is not None and taken.pk not in overwrite_except:
            trash(target, taken, chain)  # nothing that was there is lost
        elif autorename:
            name = free_name(parent_id, name)
        else:
            raise errors.NameTaken(path=place.path, id=taken.pk)
    return Place(target.space, copying.copy(target, place, chain, name), chain)
