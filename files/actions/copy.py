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
from files.actions.mounted_files import mounted_file, write_over
from files.actions.regions import require_same_region
from files.actions.unit_of_work import (
    Destination,
    destination,
    folder_of,
    involved,
    make_way,
    require_conditions,
    require_whole,
)
from files.models import CopyJob, Node
from files.queries.mounted_files import spaces_written
from files.queries.target import Target, space_of_folder
from files.queries.tree import LocatedNode, PathStep, clean_name, locate_many, refuse_new_names, steps_of, walk
from files.tree import copying
from files.tree.folders import Chain, make_folders
from files.tree.keys import free_name
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work


@dataclass(frozen=True, slots=True)
class Copied(LocatedNode):
    """Where the copy is. `replaced`: something had the name, and is in the trash now; or it is a mounted file, which
    has got another version. `job`: it is an empty folder yet, which that fills.
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
    space, folder_id = space_of_folder(actor, folder)
    written = spaces_written(actor, space, folder_id, node_ids, options.name) if options.overwrite else []
    spaces = [space.pk, *(one.pk for one in written)]
    return giving_way(actor, [*written, space], lambda: _copy_all(actor, node_ids, folder, spaces, options))


@dataclass(frozen=True, slots=True)
class _Source:
    """What is copied: of a mount what it stands for, under the mount's name. `mounts` are those below a folder, whose
    contents are copied along into the copies of the folders that they are in.
    """

    place: LocatedNode
    name: str
    mounts: tuple[LocatedNode, ...] = ()

    @property
    def count(self) -> int:
        return sum(node.descendants + 1 for node in self._nodes)

    @property
    def size(self) -> int:
        return sum(node.size for node in self._nodes)

    @property
    def places(self) -> list[LocatedNode]:
        return [self.place, *(mount.entered for mount in self.mounts)]

    @property
    def _nodes(self) -> list[Node]:
        return [place.node for place in self.places]


def _source(place: LocatedNode) -> _Source:
    looked_for = place.mounts if place.node.is_folder and not place.is_mount else None
    below = () if looked_for is None else tuple(looked_for.below(place.node.pk))
    return _Source(place.entered, place.node.name, below)


def _copy_all(
    actor: Actor, node_ids: Sequence[int], folder: Target, space_ids: Sequence[int], options: _CopyOptions
) -> list[Copied]:
    """`space_ids`: that of the folder, and those of mounted files that are written there."""
    space_id, *written = space_ids
    found = [_source(place) for place in locate_many(actor, node_ids)]
    spaces = {place.space.pk for source in found for place in source.places}
    with space_unit_of_work(actor, *space_ids, *spaces, bulk=len(node_ids) > 1) as unit:
        actor, target = unit.actor, unit[space_id]
        to = destination(actor, folder, target)
        places = locate_many(actor, node_ids)
        sources = [_source(place) for place in places]
        copied = [place for source in sources for place in source.places]
        kept = involved([*places, *copied])
        if any(place.space.pk not in unit for place in copied):  # moved to another space before the lock
            raise errors.NotFound
        require_whole(copied, Right.DOWNLOAD)
        for place in places:
            require_conditions(place, options.conditions, "COPY")
        for place in copied:
            place.require(Right.DOWNLOAD)
            require_same_region(place.space, target.space)
        if options.only_itself:
            return [_copy_one(target, source, to, options, kept) for source in sources]
        if not written:  # else not all of it is charged here
            _require_quota(target, sources, to.chain, options, kept)
        if sum(source.count for source in sources) > large_copy.LARGE:
            return _copy_later(target, sources, to, options, kept)
        return [_copy_one(target, source, to, options, kept) for source in sources]


def _require_quota(
    target: SpaceUnitOfWork, sources: Sequence[_Source], chain: Chain, options: _CopyOptions, kept: Collection[int]
) -> None:
    """Before it is made. Trash may give way to this copy, but not in vain."""
    charge = Charge(live=sum(source.size for source in sources), nodes=sum(source.count for source in sources))
    try:
        quotas.check_charge(target.quota_accounts, charge)
    except QuotaExceeded:
        for source in sources:
            _require_room_for_name(target, source, chain, options, kept)
        raise


def _copy_later(
    target: SpaceUnitOfWork,
    sources: Sequence[_Source],
    to: Destination,
    options: _CopyOptions,
    kept: Collection[int],
) -> list[Copied]:
    """The tops only; what is below them is for the job."""
    for source in sources:
        if any(step.id == place.node.pk for step in to.chain for place in source.places):
            raise errors.MoveIntoItself(path=source.place.path)
    alone = replace(options, only_itself=True)
    tops = [_copy_one(target, source, to, alone, kept) for source in sources]
    filled = [source.count > 1 for source in sources]
    below = [(source.place, top.node) for source, top, more in zip(sources, tops, filled, strict=True) if more]
    job = large_copy.begin(target, below, total=sum(source.count - 1 for source in sources))
    return [replace(top, job=job if more else None) for top, more in zip(tops, filled, strict=True)]


def _require_room_for_name(
    target: SpaceUnitOfWork, source: _Source, chain: Chain, options: _CopyOptions, kept: Collection[int]
) -> None:
    """What the copy is refused for, whatever there is room for. Raises what `_copy_one` does."""
    _require_place(source, chain, options)
    taken = _taken(chain, options.name or source.name)
    if taken is not None and not options.autorename and not (options.overwrite and taken.pk not in kept):
        raise target.name_taken(chain, taken)


def _require_place(source: _Source, chain: Chain, options: _CopyOptions) -> None:
    if source.place.is_root and source.place.mount is None:
        raise errors.RootIsFixed
    goes_in = {place.node.pk for place in source.places}
    if any(step.id in goes_in for step in chain) and not options.only_itself:
        raise errors.MoveIntoItself(path=source.place.path)
    for place in source.places:
        limits.check_depth(place.node, chain)
    if options.name not in (None, source.name):
        refuse_new_names(options.name)


def _taken(chain: Chain, name: str) -> Node | None:
    return Node.objects.filter(parent_id=chain[-1].id, name=name).first()


def _copy_one(
    target: SpaceUnitOfWork, source: _Source, to: Destination, options: _CopyOptions, kept: Collection[int]
) -> Copied:
    """Nothing that is one of `kept` is overwritten."""
    chain, place = to.chain, source.place
    _require_place(source, chain, options)
    parent_id, name = chain[-1].id, options.name or source.name
    taken = _taken(chain, name)
    replaced = taken is not None and options.overwrite and taken.pk not in kept and target.sees(chain, taken)
    if taken is not None:
        mount = mounted_file(target, taken, chain, place.node) if replaced else None
        if mount is not None:
            over = write_over(target.unit, mount, place)
            return Copied(over.space, over.node, over.ancestors, over.access, over.target, None, over.mounts, True)
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
        for mount in source.mounts:
            _copy_mount(target, mount, (*chain, PathStep(node.pk, node.name, node.kind)), place)
        if source.mounts:
            target.flush()
            node = Node.objects.get(pk=node.pk)
    access = target.rules.along([*(step.id for step in chain), node.pk])
    seen = to.base.mount
    return Copied(target.space, node, chain, access, mount=seen, replaced=replaced)


def _copy_mount(target: SpaceUnitOfWork, mount: LocatedNode, top: Chain, place: LocatedNode) -> None:
    """What is mounted below the folder at `place`, into the same place below its copy, `top`."""
    target.flush()  # so that the copy's own sums are there
    within = mount.ancestors[[step.id for step in mount.ancestors].index(place.node.pk) + 1 :]
    way = walk(target.space, [step.name for step in within], start_id=top[-1].id)
    if len(way) != len(within) + 1:
        raise errors.Busy
    chain = (*top, *steps_of(way[1:]))
    limits.check_depth(mount.shown, chain)
    copying.copy(target, mount.entered, chain, free_name(chain[-1].id, mount.node.name))
