"""Mounts in people's homes: made and taken away as their access comes and goes, and brought back by themselves.

Which there are follows from the database (files/queries/mount_list.py), so that a message is only a wake-up: the job
`mounts` runs soon after whatever changed access, and by the clock.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from functools import partial

from django.db import transaction

from accounts.actor import WRITE, Actor, system
from accounts.authentication import actor_from_user
from accounts.models import User
from accounts.permissions import require_scope
from accounts.quotas import Charge
from common.clock import now
from common.errors import CodedError
from common.ids import is_id
from files import errors
from files.models import Job, Mount, Node, NodeKind, Space, SpaceKind
from files.queries.mount_list import Mountable, mountable, standing, users_to_reconcile
from files.queries.mounts import MAXIMUM_MOUNTS
from files.queries.tree import LocatedNode, ancestors_of, get_space, locate
from files.tree import mounting
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work

JOB = "mounts"
logger = logging.getLogger(__name__)


def ask_for_mounts(user_id: int | None = None) -> None:
    """After the commit of what changed access or spaces, a worker looks within seconds (settings.ACCESS_HOOKS). The
    home of one person, `user_id`, is put in order before the request ends, if nothing stands in the way.
    """
    transaction.on_commit(_note, robust=True)
    if user_id is not None:
        transaction.on_commit(partial(_try_at_once, user_id), robust=True)


def _try_at_once(user_id: int) -> None:
    try:
        reconcile_mounts(user_id)
    except CodedError as error:  # the worker tries again
        logger.info("the mounts of user %s wait: %s", user_id, error.code)


def _note() -> None:
    if not Job.objects.filter(name=JOB).update(asked_at=now()):
        Job.objects.bulk_create([Job(name=JOB, asked_at=now())], ignore_conflicts=True)


def reconcile_all(*, progress: Callable[[], None] = lambda: None) -> int:
    """For the background job: everybody whose mounts differ from what they may see. Returns how many people.

    One whose home cannot be changed at this moment (somebody holds a lock on it) is left for the next run.
    """
    tried: set[int] = set()
    while users := [pk for pk in users_to_reconcile(limit=len(tried) + 500) if pk not in tried]:
        for user_id in users:
            tried.add(user_id)
            try:
                reconcile_mounts(user_id)
            except CodedError as error:
                logger.warning("the mounts of user %s wait: %s", user_id, error.code)
            progress()
    return len(tried)


def reconcile_mounts(user_id: int) -> None:
    """Makes the mounts that somebody lacks, at the top of their home and under the name of the space or of the folder,
    and takes away those to which they have no access any more. What they have hidden stays hidden, as long as it is
    theirs to see. Harmless to repeat.
    """
    home_id = Space.objects.filter(kind=SpaceKind.HOME, owner_id=user_id).values_list("pk", flat=True).first()
    if home_id is None:
        return
    with space_unit_of_work(system("mounts"), home_id) as unit:
        work = unit[home_id]
        wanted, theirs = _theirs(user_id)
        held = {row.target_id: row for row in Mount.objects.filter(user_id=user_id).order_by("pk")}
        unresolved = _unresolved([row.space_id for row in held.values()])
        _follow_targets(held)
        for target_id, row in list(held.items()):
            _mend(work, row)
            stays_hidden = row.node_id is None and target_id in theirs
            if target_id not in wanted and not stays_hidden and row.space_id not in unresolved:
                _take_away(work, held.pop(target_id))
        missing = [target_id for target_id in wanted if target_id not in held]
        for row in _files_without_room(held, wanted, missing):
            _take_away(work, held.pop(row.target_id))
        for target_id in missing[: max(0, MAXIMUM_MOUNTS - len(held))]:
            found = wanted[target_id]
            node = mounting.make(work, target_id, found.name, found.kind)
            Mount.objects.create(user_id=user_id, target_id=target_id, space_id=found.space.pk, node=node)
        mounting.recount(work)


def _files_without_room(held: dict[int, Mount], wanted: dict[int, Mountable], missing: Sequence[int]) -> list[Mount]:
    """Files for which there is no room any more beside all the spaces and folders that are missing: the latest."""
    folders = sum(wanted[target_id].kind == NodeKind.FOLDER for target_id in missing)
    shown = [row for row in held.values() if row.node_id is not None and row.target_id in wanted]
    files = [row for row in reversed(shown) if wanted[row.target_id].kind == NodeKind.FILE]
    return files[: max(0, len(held) + folders - MAXIMUM_MOUNTS)]


def end_mounts(target_ids: Sequence[int]) -> None:
    """Before these nodes are removed for good: a mount that still leads to one of them is taken away, since a target
    that is missing says that something is wrong. One in a home that somebody has locked is left; what is in that is
    503 until the job has come to it.
    """
    people = Mount.objects.filter(target_id__in=target_ids, node__isnull=False).values_list("user_id", flat=True)
    for user_id in sorted(set(people)):
        try:
            reconcile_mounts(user_id)
        except CodedError as error:
            logger.warning("the mounts of user %s wait: %s", user_id, error.code)


def _unresolved(space_ids: Collection[int]) -> set[int]:
    """Spaces without a top, which nothing should be: as long as they have none, what leads to them is 503, not gone."""
    return set(Space.objects.filter(pk__in=space_ids, root=None).values_list("pk", flat=True))


def _theirs(user_id: int) -> tuple[dict[int, Mountable], set[int]]:
    """What is to be mounted for a person, and what they may hide."""
    user = User.objects.select_related("membership").filter(pk=user_id).first()
    actor = None if user is None else actor_from_user(user)
    return ({}, set()) if actor is None else (mountable(actor), standing(actor))


def _follow_targets(held: dict[int, Mount]) -> None:
    """A folder may have moved to another space: the mount leads there now."""
    spaces = dict(Node.objects.filter(pk__in=list(held)).values_list("pk", "space_id"))
    for target_id, row in held.items():
        if row.space_id != spaces.get(target_id, row.space_id):
            row.space_id = spaces[target_id]
            row.save(update_fields=["space"])


def _mend(work: SpaceUnitOfWork, row: Mount) -> None:
    """What the release before did to a row that it takes for an empty folder. What was put into it becomes visible: it
    is a folder then, and the mount is hidden. One that was deleted, or moved into another space, is hidden.
    """
    if row.node_id is None:
        return
    node = Node.objects.filter(pk=row.node_id).first()
    is_there = node is not None and node.space_id == work.space.pk and node.parent_id is not None
    if is_there and not Node.objects.filter(parent_id=row.node_id).exists():
        return
    above = [step.id for step in ancestors_of([row.node_id])[row.node_id]] if is_there else [work.space.root_id or 0]
    Node.objects.filter(pk=row.node_id).update(target_id=None)
    # It counts from now on. That release has counted it already as it went away.
    work.touch(above, descendants=1, height=1)
    work.charge += Charge(nodes=1)
    row.node_id, row.hidden_at = None, work.at
    row.save(update_fields=["node", "hidden_at"])


def _take_away(work: SpaceUnitOfWork, row: Mount) -> None:
    node = Node.objects.filter(pk=row.node_id or 0).first()
    if node is not None:
        mounting.hide(work, node, ancestors_of([node.pk])[node.pk])
    row.delete()


def bring_back(actor: Actor, *, mount_id: int) -> LocatedNode:
    """One that its owner has hidden, at the top of their home; one that is there stays where it is. Raises NotFound for
    another one than one's own, and where the access has ended.
    """
    home = get_space(actor, None)
    require_scope(actor, WRITE)
    with space_unit_of_work(actor, home.pk) as unit:
        actor, work = unit.actor, unit[home.pk]
        require_scope(actor, WRITE)
        row = Mount.objects.filter(pk=mount_id if is_id(mount_id) else 0, user_id=actor.user_id or 0).first()
        found: Mountable | None = None if row is None else mountable(actor).get(row.target_id)
        if row is None or found is None:
            raise errors.NotFound(id=mount_id)
        if row.node_id is None:
            row.node = mounting.make(work, row.target_id, found.name, found.kind)
            row.hidden_at = None
            row.save(update_fields=["node", "hidden_at"])
    return locate(actor, row.node_id or 0)


def remove_mounts(work: SpaceUnitOfWork) -> None:
    """All those in a home that is emptied for good: what they stand for is not its owner's."""
    for row in Mount.objects.filter(user_id=work.space.owner_id or 0):
        _mend(work, row)
        _take_away(work, row)
    mounting.recount(work)
