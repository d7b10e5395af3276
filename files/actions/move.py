"""Renaming and moving: one row, whatever is below it; between spaces the rows below follow by one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.actor import Actor
from accounts.quotas import Charge
from files import errors
from files.access.rights import Right
from files.actions import limits
from files.actions.regions import require_same_region
from files.actions.unit_of_work import (
    Destination,
    destination,
    folder_of,
    involved,
    make_way,
    require_conditions,
    require_whole,
    without_nested,
    work_on_nodes,
)
from files.models import ChangeKind
from files.queries.properties import size_below
from files.queries.target import Target, base_place
from files.queries.tree import LocatedNode, clean_name, locate, refuse_new_names
from files.tree.folders import Chain, chain_path, children_by_name
from files.tree.names import free_name
from files.tree.relocating import attach
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork


@dataclass(frozen=True, slots=True)
class Moved:
    """`replaced`: something had the name, and is in the trash now."""

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
) -> list[Moved]:
    """Into another folder, keeping their names. All of them or none; what lies below another named one goes with it."""
    limits.check_count(node_ids)
    return _move(actor, node_ids, Target(parent_id=parent_id), None, autorename=autorename, overwrite=overwrite)


def move_node(
    actor: Actor,
    *,
    node_id: int,
    target: Target,
    autorename: bool = False,
    overwrite: bool = False,
    conditions: Mapping[str, str] | None = None,
) -> Moved:
    """To another folder, another name, or both; `target` names the new place with its last name.

    `conditions` are lower-case If-* headers on what is moved.
    """
    folder, name = folder_of(target)
    (moved,) = _move(actor, [node_id], folder, name, autorename=autorename, overwrite=overwrite, conditions=conditions)
    return moved


def rename_node(actor: Actor, *, node_id: int, name: str, autorename: bool = False) -> Moved:
    """A new name in the same folder. Changing only the case is allowed."""
    place = locate(actor, node_id)
    if place.is_root:
        raise errors.RootIsFixed
    folder = Target(parent_id=place.ancestors[-1].id)
    (moved,) = _move(actor, [node_id], folder, clean_name(name), autorename=autorename, overwrite=False)
    return moved


def _move(
    actor: Actor,
    node_ids: Sequence[int],
    folder: Target,
    name: str | None,
    *,
    autorename: bool,
    overwrite: bool,
    conditions: Mapping[str, str] | None = None,
) -> list[Moved]:
    if name is not None:
        name = clean_name(name)
    space_id = base_place(actor, folder).space.pk
    with work_on_nodes(actor, node_ids, space_id, right=Right.EDIT, bulk=len(node_ids) > 1) as (unit, places):
        to = destination(unit.actor, folder, unit[space_id])
        tops = without_nested(places)
        for top in tops:
            require_whole([top], Right.EDIT)
            if top.space.pk != space_id:  # it is gone from there
                top.require(Right.DELETE)
                require_whole([top], Right.DELETE)
            require_conditions(top, conditions or {}, "MOVE")
            require_same_region(top.space, unit[space_id].space)
        kept = involved(tops)
        return [
            _move_one(
                unit[top.space.pk],
                unit[space_id],
                top,
                to,
                name or top.node.name,
                autorename,
                kept if overwrite else None,
            )
            for top in tops
        ]


def _move_one(
    source: SpaceUnitOfWork,
    target: SpaceUnitOfWork,
    place: LocatedNode,
    to: Destination,
    name: str,
    autorename: bool,
    overwrite_except: Collection[int] | None,
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
        if overwrite_except is not None and taken.pk not in overwrite_except and target.sees(chain, taken):
            make_way(target, taken, chain)
        elif autorename:
            name = free_name(parent_id, name)
        else:
            raise target.name_taken(chain, taken)
    limits.check_depth(node, chain)
    replaced = taken is not None and taken.parent_id is None  # it went to the trash
    _record(source, target, place, chain, name)
    if source is not target:
        move_rows_to_space(node.pk, target.space.pk)
        node.space = target.space
    attach(node, parent_id, name)
    return Moved(LocatedNode(target.space, node, chain, to.access), path_before, replaced)


def _record(source: SpaceUnitOfWork, target: SpaceUnitOfWork, place: LocatedNode, chain: Chain, name: str) -> None:
    """Journal, sums and ledger on both sides. The node's own stamp goes with its row."""
    node = place.node
    before = NodeLocation(node.parent_id or 0, node.name, place.path_in_space, node.version_id)
    after = NodeLocation(chain[-1].id, name, chain_path(chain, name), node.version_id)
    old, new = place.ancestor_ids, [step.id for step in chain]
    if source is target:
        node.seq = source.record(ChangeKind.MOVE, node, before=before, after=after)
    else:
        source.record(ChangeKind.MOVE_OUT, node, before=before)
        node.seq = target.record(ChangeKind.MOVE_IN, node, after=after)
        properties = size_below(node.pk)
        charge = Charge(live=node.size, versions=node.versions_size, nodes=node.descendants + 1, properties=properties)
        source.charge += -charge
        target.charge += charge
    count = node.descendants + 1
    source.touch(old, size=-node.size, versions_size=-node.versions_size, descendants=-count)
    target.touch(new, size=node.size, versions_size=node.versions_size, descendants=count, height=node.height + 1)


def move_rows_to_space(node_id: int, space_id: int) -> None:
    """The rows below a node, and what is granted on them: one statement for each table. Their stamps are numbers of the
    old space, so they take the new one's.
    """
    below = (
        "WITH RECURSIVE below(id) AS (SELECT CAST(%s AS bigint) UNION ALL "
        "SELECT n.id FROM files_node n JOIN below ON n.parent_id = below.id) "
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"{below}UPDATE files_node SET space_id = %s, seq = (SELECT seq FROM files_space WHERE id = %s) + 1 "
            "WHERE id IN (SELECT id FROM below)",
            [node_id, space_id, space_id],
        )
        for table in ("files_grant", "files_restriction"):
            cursor.execute(
                f"{below}UPDATE {table} SET space_id = %s WHERE node_id IN (SELECT id FROM below)", [node_id, space_id]
            )
