"""Copying nodes, with all that is below them, in one short transaction; what is too much for that, by a job."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from accounts import quotas
from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.quotas import Charge
from files import errors
from files.access.rights import Right
from files.actions import large_copy, limits
from files.actions.give_way import giving_way
from files.actions.regions import require_same_region
from files.actions.unit_of_work import destination, folder_of, involved, make_way, require_conditions, require_whole
from files.models import CopyJob, Node
from files.queries.target import Target, base_place
from files.queries.tree import LocatedNode, clean_name, locate_many, refuse_new_names
from files.tree import copying
from files.tree.folders import Chain, make_folders
from files.tree.names import free_name
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work


@dataclass(frozen=True, slots=True)
class Copied(LocatedNode):
    """Where the copy is. `replaced`: something had the name, and is in the trash now. `job`: it is an empty folder yet,
    which that fills.
    """

    replaced: bool = False
    job: CopyJob | None = None


@dataclass(frozen=True, slots=True)
class _CopyOptions:
    """`name` None: that of the original."""

    name: str | None = None
    autorename: bool = False
    overwrite: bool = False
    only_itself: bool = False
    conditions: Mapping[str, str] = field(default_factory=dict)


def copy_nodes(
    actor: Actor,
    *,
    node_ids: Sequence[int],
    parent_id: int,
    autorename: bool = False,
    overwrite: bool = False,
) -> list[Copied]:
    """Into another folder (or the same, with `autorename`), keeping their names. All of them or none."""
    limits.check_count(node_ids)
    return _copy(actor, node_ids, Target(parent_id=parent_id), _CopyOptions(None, autorename, overwrite))


def copy_node(
    actor: Actor,
    *,
    node_id: int,
    target: Target,
    autorename: bool = False,
    overwrite: bool = False,
    only_itself: bool = False,
    conditions: Mapping[str, str] | None = None,
) -> Copied:
    """To the place that `target` names, its last name included. `only_itself`: a folder without what is in it.

    `conditions` are lower-case If-* headers on what is copied.
    """
    folder, name = folder_of(target)
    options = _CopyOptions(clean_name(name), autorename, overwrite, only_itself, conditions or {})
    (copied,) = _copy(actor, [node_id], folder, options)
    return copied


def _copy(actor: Actor, node_ids: Sequence[int], folder: Target, options: _CopyOptions) -> list[Copied]:
    space = base_place(actor, folder).space
    return giving_way(actor, space, lambda: _copy_all(actor, node_ids, folder, space.pk, options))


def _copy_all(
    actor: Actor, node_ids: Sequence[int], folder: Target, space_id: int, options: _CopyOptions
) -> list[Copied]:
    sources = {place.space.pk for place in locate_many(actor, node_ids)}
    with space_unit_of_work(actor, space_id, *sources, bulk=len(node_ids) > 1) as unit:
        actor, target = unit.actor, unit[space_id]
        to = destination(actor, folder, target)
        chain = to.chain
        places = locate_many(actor, node_ids)
        kept = involved(places)
        if any(place.space.pk not in unit for place in places):  # moved to another space before the lock
            raise errors.NotFound
        require_whole(places, Right.DOWNLOAD)
        for place in places:
            place.require(Right.DOWNLOAD)
            require_conditions(place, options.conditions, "COPY")
            require_same_region(place.space, target.space)
        if options.only_itself:
            return [_copy_one(target, place, chain, options, kept) for place in places]
        count = sum(place.node.descendants + 1 for place in places)
        size = sum(place.node.size for place in places)
        try:
            quotas.check_charge(target.quota_accounts, Charge(live=size, nodes=count))  # before it is made
        except QuotaExceeded:  # trash may give way to this copy, but not in vain
            for place in places:
                _require_room_for_name(target, place, chain, options, kept)
            raise
        if count > large_copy.LARGE:
            return _copy_later(target, places, chain, options, kept)
        return [_copy_one(target, place, chain, options, kept) for place in places]


def _copy_later(
    target: SpaceUnitOfWork, places: Sequence[LocatedNode], chain: Chain, options: _CopyOptions, kept: Collection[int]
) -> list[Copied]:
    """The tops only; what is below them is for the job."""
    for place in places:
        if any(step.id == place.node.pk for step in chain):
            raise errors.MoveIntoItself(path=place.path)
    alone = replace(options, only_itself=True)
    tops = [_copy_one(target, place, chain, alone, kept) for place in places]
    below = [(place, top.node) for place, top in zip(places, tops, strict=True) if place.node.descendants]
    job = large_copy.begin(target, below)
    return [replace(top, job=job if place.node.descendants else None) for place, top in zip(places, tops, strict=True)]


def _require_room_for_name(
    target: SpaceUnitOfWork, place: LocatedNode, chain: Chain, options: _CopyOptions, kept: Collection[int]
) -> None:
    """What the copy is refused for, whatever there is room for. Raises what `_copy_one` does."""
    _require_place(place, chain, options)
    taken = _taken(chain, options.name or place.node.name)
    if taken is not None and not options.autorename and not (options.overwrite and taken.pk not in kept):
        raise target.name_taken(chain, taken)


def _require_place(place: LocatedNode, chain: Chain, options: _CopyOptions) -> None:
    if place.is_root:
        raise errors.RootIsFixed
    if any(step.id == place.node.pk for step in chain) and not options.only_itself:
        raise errors.MoveIntoItself(path=place.path)
    limits.check_depth(place.node, chain)
    if options.name not in (None, place.node.name):
        refuse_new_names(options.name)


def _taken(chain: Chain, name: str) -> Node | None:
    return Node.objects.filter(parent_id=chain[-1].id, name=name).first()


def _copy_one(
    target: SpaceUnitOfWork, place: LocatedNode, chain: Chain, options: _CopyOptions, kept: Collection[int]
) -> Copied:
    """Nothing that is one of `kept` is overwritten."""
    _require_place(place, chain, options)
    parent_id, name = chain[-1].id, options.name or place.node.name
    taken = _taken(chain, name)
    replaced = taken is not None and options.overwrite and taken.pk not in kept and target.sees(chain, taken)
    if taken is not None:
        if replaced:
            make_way(target, taken, chain)
        elif options.autorename:
            name = free_name(parent_id, name)
        else:
            raise target.name_taken(chain, taken)
    if options.only_itself and place.node.is_folder:
        (node,) = make_folders(target, [(chain, name)])
        copying.copy_properties(target, place.node.pk, node.pk)
    else:
        node = copying.copy(target, place, chain, name)
    access = target.rules.along([*(step.id for step in chain), node.pk])
    return Copied(target.space, node, chain, access, replaced)
