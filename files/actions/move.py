"""Renaming and moving: one row, whatever is below it; between spaces the rows below follow by one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.actions import limits
from files.actions.give_way import giving_way
from files.actions.mounted_files import mounted_file, move_over
from files.actions.regions import require_same_region
from files.actions.unit_of_work import (
    Destination,
    destination,
    folder_of,
    involved,
    make_way,
    require_conditions,
    require_not_its_top,
    require_whole,
    without_nested,
    work_on_nodes,
)
from files.queries.mounted_files import spaces_written
from files.queries.mounts import mounts_in
from files.queries.target import Target, space_of_folder
from files.queries.tree import LocatedNode, clean_name, locate, refuse_new_names
from files.tree.between import keep_versions, relocate, share_versions
from files.tree.folders import children_by_name
from files.tree.keys import free_name
from files.tree.mounting import refuse_to_leave
from files.tree.unit_of_work import SpaceUnitOfWork


@dataclass(frozen=True, slots=True)
class Moved:
    """`replaced`: something had the name, and is in the trash now; or it is a mounted file, which has got another
    version.
    """

    place: LocatedNode
    path_before: str
    replaced: bool = False


def move_nodes(
    actor: Actor,
    *,
    node_ids: Sequence[int],
    parent_id: int,
    autorename: bool = False,
    overwrite: bool = False,
    share_versions: bool = False,
) -> list[Moved]:
    """Into another folder, keeping their names. All of them or none; what lies below another named one goes with it.

    `share_versions`: who may see them there sees their earlier versions too, if they go to another space; who moves
    them must own or manage them.
    """
    limits.check_count(node_ids)
    ways = _Ways(autorename, overwrite, share_versions)
    return _move(actor, node_ids, Target(parent_id=parent_id), None, ways)


def move_node(
    actor: Actor,
    *,
    node_id: int,
    target: Target,
    autorename: bool = False,
    overwrite: bool = False,
    share_versions: bool = False,
    conditions: Mapping[str, str] | None = None,
) -> Moved:
    """To another folder, another name, or both; `target` names the new place with its last name.

    `conditions` are lower-case If-* headers on what is moved; `share_versions` as for `move_nodes`.
    """
    folder, name = folder_of(target)
    ways = _Ways(autorename, overwrite, share_versions)
    (moved,) = _move(actor, [node_id], folder, name, ways, conditions=conditions)
    return moved


def rename_node(actor: Actor, *, node_id: int, name: str, autorename: bool = False) -> Moved:
    """A new name in the same folder. Changing only the case is allowed."""
    place = locate(actor, node_id)
    if place.is_root:
        raise errors.RootIsFixed
    folder = Target(parent_id=place.ancestors[-1].id)
    (moved,) = _move(actor, [node_id], folder, clean_name(name), _Ways(autorename))
    return moved


@dataclass(frozen=True, slots=True)
class _Ways:
    """What becomes of a taken name, and of earlier versions in another space."""

    autorename: bool = False
    overwrite: bool = False
    share_versions: bool = False


def _move(
    actor: Actor,
    node_ids: Sequence[int],
    folder: Target,
    name: str | None,
    ways: _Ways,
    *,
    conditions: Mapping[str, str] | None = None,
) -> list[Moved]:
    if name is not None:
        name = clean_name(name)
    space, folder_id = space_of_folder(actor, folder)
    written = spaces_written(actor, space, folder_id, node_ids, name) if ways.overwrite else []
    spaces = [space.pk, *(one.pk for one in written)]

    def act() -> list[Moved]:
        return _move_all(actor, node_ids, folder, name, ways, spaces, conditions or {})

    return giving_way(actor, written, act) if written else act()


def _move_all(
    actor: Actor,
    node_ids: Sequence[int],
    folder: Target,
    name: str | None,
    ways: _Ways,
    space_ids: Sequence[int],
    conditions: Mapping[str, str],
) -> list[Moved]:
    """`space_ids`: that of the folder, and those of mounted files that are written there."""
    space_id, bulk = space_ids[0], len(node_ids) > 1
    with work_on_nodes(actor, node_ids, *space_ids, right=Right.EDIT, bulk=bulk) as (unit, places):
        to = destination(unit.actor, folder, unit[space_id])
        tops = without_nested(places)
        for top in tops:
            if top.node.parent_id != to.chain[-1].id:  # another name is for who may put something into the folder
                require_not_its_top(top)
            require_whole([top], Right.EDIT)
            if top.space.pk != space_id:  # it is gone from there
                top.require(Right.DELETE)
                require_whole([top], Right.DELETE)
                refuse_to_leave(top.space, top.node, top.path)
                if ways.share_versions:
                    top.require(Right.MANAGE)
                    require_whole([top], Right.MANAGE)
            require_conditions(top, conditions, "MOVE")
            require_same_region(top.space, unit[space_id].space)
        kept = involved(tops)
        return [
            _move_one(unit[top.space.pk], unit[space_id], top, to, name or top.node.name, ways, kept) for top in tops
        ]


def _move_one(
    source: SpaceUnitOfWork,
    target: SpaceUnitOfWork,
    place: LocatedNode,
    to: Destination,
    name: str,
    ways: _Ways,
    never_overwritten: Collection[int],
) -> Moved:
    node, path_before, chain = place.node, place.path, to.chain
    if place.is_root:
        raise errors.RootIsFixed
    if any(step.id == node.pk for step in chain):
        raise errors.MoveIntoItself(path=path_before)
    parent_id = chain[-1].id
    if node.parent_id == parent_id and node.name == name:
        return Moved(place, path_before)
    if name != node.name:
        refuse_new_names(name)
    taken = children_by_name([parent_id], [name]).get((parent_id, name))
    if taken is not None:
        if ways.overwrite and taken.pk not in never_overwritten and target.sees(chain, taken):
            mount = mounted_file(target, taken, chain, node)
            if mount is not None:
                return Moved(move_over(target.unit, mount, place), path_before, replaced=True)
            make_way(target, taken, chain)
        elif ways.autorename:
            name = free_name(parent_id, name)
        else:
            raise target.name_taken(chain, taken)
    limits.check_depth(node, chain)
    replaced = taken is not None and taken.parent_id is None  # it went to the trash
    relocate(source, target, place, chain, name)
    if source is not target:
        _settle_versions(source, target, node.pk, shared=ways.share_versions)
    return Moved(_place_after(target, place, to), path_before, replaced)


def _place_after(work: SpaceUnitOfWork, place: LocatedNode, to: Destination) -> LocatedNode:
    """As it is seen from where it has gone."""
    mounts = mounts_in(work.actor, work.space)
    after = LocatedNode(work.space, place.node, to.chain, to.access, mount=to.base.mount, mounts=mounts)
    return after if place.target is None else replace(after, target=replace(place.target, mount=after))


def _settle_versions(source: SpaceUnitOfWork, target: SpaceUnitOfWork, node_id: int, *, shared: bool) -> None:
    """Who takes a file to the own home has been able to see its earlier versions."""
    if shared:
        share_versions(node_id, source.space.pk)
    elif target.space.owner_id is None or target.space.owner_id != target.actor.user_id:
        keep_versions(node_id, source.space.pk)
