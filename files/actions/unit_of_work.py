"""The unit of work of an action on a target or on nodes: found without a lock, locked, found again under it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common import etags
from files import errors
from files.access.compute import Access
from files.access.rights import Right
from files.models import Node
from files.queries.target import Overwrites, Resolved, Target, base_place, resolve, space_of_target
from files.queries.tree import LocatedNode, ancestors_of, locate_many
from files.tree.folders import Chain, Missing, ensure_folders
from files.tree.trashing import trash
from files.tree.unit_of_work import SpaceUnitOfWork, UnitOfWork, space_unit_of_work


class SpaceChanged(errors.Busy):
    """What was found before the lock was taken has moved to another space since, or a mount on the way to it has. It
    still exists: a sync client that is told 404 leaves its file alone for a while.
    """

    message = _("What this is about was moved to another space just now. Try again.")


@contextmanager
def work_on_target(
    actor: Actor,
    target: Target,
    *,
    space_id: int | None = None,
    right_on_existing: Right = Right.EDIT,
    autorename: bool = False,
    overwrites: Overwrites | None = None,
    also: int | None = None,
) -> Iterator[tuple[SpaceUnitOfWork, Resolved]]:
    """The space of the target under its lock, and the target as it is under the lock, and as the actor may then.

    `space_id`: the target's space, where the caller has found it already. `also`: another space to be locked.
    `overwrites`: for who writes a file, see `resolve`.
    """
    if space_id is None:
        space_id = space_of_target(actor, target, overwrites).pk
    with space_unit_of_work(actor, space_id, *([] if also is None else [also])) as unit:
        resolved = resolve(
            unit.actor,
            target,
            unit[space_id].space,
            right_on_existing=right_on_existing,
            autorename=autorename,
            overwrites=overwrites,
        )
        if resolved.base.space.pk != space_id:  # or a mounted file has come there, or got another version
            raise SpaceChanged
        yield unit[space_id], resolved


@contextmanager
def work_on_folder(actor: Actor, folder: Target, space_id: int) -> Iterator[tuple[SpaceUnitOfWork, LocatedNode]]:
    """A bulk edit below an existing folder, under the lock of its space."""
    with space_unit_of_work(actor, space_id, bulk=True) as unit:
        actor = unit.actor
        base = base_place(actor, folder)
        base.require(Right.CREATE)
        if base.space.pk != space_id:
            raise SpaceChanged
        yield unit[space_id], base


@contextmanager
def work_on_nodes(
    actor: Actor, node_ids: Sequence[int], *space_ids: int, right: Right, bulk: bool = False, entering: bool = False
) -> Iterator[tuple[UnitOfWork, list[LocatedNode]]]:
    """The spaces of these live nodes (and further ones) under their locks, and the nodes' places under them, with each
    of which the actor has the right. `entering`: a mount is what it stands for, not the row in the home.
    """

    def located(actor: Actor) -> list[LocatedNode]:
        return [place.entered if entering else place for place in locate_many(actor, node_ids)]

    found = {place.space.pk for place in located(actor)}
    with space_unit_of_work(actor, *found, *space_ids, bulk=bulk) as unit:
        actor = unit.actor
        places = located(actor)
        for place in places:
            place.require(right)
            if place.space.pk not in unit:
                raise SpaceChanged
            unit[place.space.pk].acts_by(place.access)
        yield unit, places


@dataclass(frozen=True, slots=True)
class Destination:
    """A folder that something is to go into: the chain from the root of the space to it."""

    chain: Chain
    access: Access
    base: LocatedNode  # the deepest folder of the way that was there: paths are seen from it


def destination(actor: Actor, folder: Target, work: SpaceUnitOfWork) -> Destination:
    """What `folder` names, made if it is missing, under the lock of `work`. Raises Forbidden and the like."""
    if not folder.path.strip("/"):
        base = base_place(actor, folder)
        return _inside(base, work)
    resolved = resolve(actor, folder, right_on_existing=Right.CREATE)
    if resolved.place is not None and resolved.place.is_mount:
        if not resolved.place.node.is_folder:
            raise errors.NotAFolder(path=resolved.path)
        return _inside(resolved.place.entered, work)
    if resolved.existing is None and not folder.make_folders:
        raise errors.ParentNotFound(path=resolved.path)
    base, names = resolved.base, (*resolved.folders, resolved.name)
    _require_space(base, work)
    made = ensure_folders(work, base, [names])[names]
    if isinstance(made, Missing):
        raise made
    return Destination(made, resolved.access, base)


def _inside(base: LocatedNode, work: SpaceUnitOfWork) -> Destination:
    _require_space(base, work)
    base.require(Right.CREATE)
    return Destination(base.chain, base.access, base)


def _require_space(base: LocatedNode, work: SpaceUnitOfWork) -> None:
    if base.space.pk != work.space.pk:
        raise SpaceChanged


def folder_of(target: Target) -> tuple[Target, str]:
    """The folder that the target is to be in, and its last name."""
    names = target.path.rstrip("/").rsplit("/", 1)
    return replace(target, path=names[0] if len(names) > 1 else ""), names[-1]


def require_conditions(place: LocatedNode, conditions: Mapping[str, str], method: str) -> None:
    """`conditions` are lower-case If-* headers (RFC 9110 section 13) on what is at the place. PreconditionFailed."""
    if not conditions:
        return
    modified = place.shown.modified_at
    outcome = etags.evaluate(dict(conditions), method=method, etag=place.etag, modified=modified)
    if outcome is not etags.Outcome.PROCEED:
        raise errors.PreconditionFailed(path=place.path)


def without_nested(places: Sequence[LocatedNode]) -> list[LocatedNode]:
    """The places that do not lie below another one of them."""
    named = {place.node.pk for place in places}
    return [place for place in places if not named.intersection(place.ancestor_ids)]


def require_not_its_top(place: LocatedNode) -> None:
    """What was shared with somebody stays where its owner has put it, whatever they may do in it: only who sees the
    folder that it lies in moves it away or deletes it. Of a mount that is its receiver. No query. Raises Forbidden.
    """
    if not place.is_root and place.access.root_id == place.node.pk:
        raise errors.Forbidden


def require_whole(places: Sequence[LocatedNode], right: Right) -> None:
    """Who moves, copies or deletes a tree must be allowed to in all of it. Raises Forbidden."""
    if not is_whole(places, right):
        raise errors.Forbidden


def is_whole(places: Sequence[LocatedNode], right: Right) -> bool:
    """Whether no folder below one of the places is restricted and closed to the right. Mostly no query."""
    closed = {node_id for place in places for node_id in place.access.closed_to(right)}
    if not closed:
        return True
    above = ancestors_of(closed)
    tops = {place.node.pk for place in places}
    return not any(step.id in tops for chain in above.values() for step in chain)


def make_way(work: SpaceUnitOfWork, taken: Node, chain: Chain) -> None:
    """What has the name in the folder at the end of the chain goes to the trash. Raises Forbidden, ScopeMissing."""
    ids = [*(step.id for step in chain), taken.pk]
    work.require(Right.DELETE, ids)
    require_whole([LocatedNode(work.space, taken, chain, work.rules.along(ids))], Right.DELETE)
    trash(work, taken, chain)


def involved(places: Sequence[LocatedNode]) -> set[int]:
    """Ids of the nodes and all their ancestors: what an overwrite in the same act must leave alone."""
    return {step.id for place in places for step in place.chain}
