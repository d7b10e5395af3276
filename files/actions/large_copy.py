"""Copies of more than LARGE nodes: begun in the request, made by a job in short transactions, so that nobody waits.

The new top folder is there at once and fills up. What of the source is changed meanwhile is copied as it is when its
turn comes. Whoever removes the new folder ends the copy. What was copied stays when it fails.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from time import monotonic, sleep

from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.authentication import actor_from_user
from accounts.errors import InvalidCredentials
from accounts.models import User
from accounts.permissions import require_scope
from accounts.unit_of_work import unit_of_work
from common.clock import now
from common.errors import CodedError
from files import errors
from files.access.rights import Right
from files.models import CopyJob, Node, NodeKind, NodeProperty
from files.models.job import CopyState
from files.queries.copies import own_copy
from files.queries.mounts import mounts_in
from files.queries.tree import LocatedNode, ancestors_of
from files.queries.whereabouts import whereabouts
from files.tree.copying import copy_properties
from files.tree.folders import make_folders
from files.tree.keys import free_name
from files.tree.unit_of_work import SpaceUnitOfWork, UnitOfWork, space_unit_of_work
from files.tree.writing import FileWrite, Mode, WriteOptions, put_entries

LARGE = 10_000  # nodes: a copy of more is made by the job
BATCH = 200  # nodes of one transaction,
TIME = 0.05  # seconds after which it ends at the latest; others have as much time in between
MAXIMUM_RUNNING = 5  # copies of one person
logger = logging.getLogger(__name__)


def begin(work: SpaceUnitOfWork, tops: Sequence[tuple[LocatedNode, Node]], *, total: int) -> CopyJob:
    """In the transaction that has made the empty folders: of each source its new one. `total`: nodes that are to be
    made. Raises TooMany.
    """
    actor = work.actor
    if actor.user_id is None:
        raise errors.Forbidden
    if CopyJob.objects.filter(user_id=actor.user_id, state=CopyState.RUNNING).count() >= MAXIMUM_RUNNING:
        raise errors.TooMany(gettext_lazy("Too many large copies run already."), limit=MAXIMUM_RUNNING)
    return CopyJob.objects.create(
        user_id=actor.user_id,
        space_id=work.space.pk,
        targets=[target.pk for _, target in tops],
        client=actor.client[:200],
        total=total,
        position=[[place.space.pk, place.node.pk, target.pk, 0] for place, target in reversed(tops)],
        created_at=work.at,
        updated_at=work.at,
    )


def end_copy(actor: Actor, *, copy_id: uuid.UUID) -> None:
    """Stops it; what was copied stays. Raises NotFound."""
    with unit_of_work(actor) as actor:
        require_scope(actor, "write")
        found = own_copy(actor, copy_id)
        CopyJob.objects.filter(pk=found.pk, state=CopyState.RUNNING).update(state=CopyState.ENDED, updated_at=now())


def run_copies(*, seconds: float, progress: Callable[[], None] = lambda: None) -> int:
    """For the background job: one batch of each copy in turn, until all are made or the time is over. Returns nodes.

    A fault of one is raised after the others had their turns.
    """
    made, end = 0, monotonic() + seconds
    faults: dict[uuid.UUID, Exception] = {}
    running = CopyJob.objects.filter(state=CopyState.RUNNING).order_by("pk")
    while monotonic() < end and (waiting := [job for job in running.all() if job.pk not in faults]):
        for job in waiting:
            progress()
            began = monotonic()
            try:
                made += _run(job)
            except Exception as error:
                logger.exception("the copy %s is tried again with the next run", job.pk)
                faults[job.pk] = error
            sleep(min(1.0, monotonic() - began))
    for fault in faults.values():
        raise fault
    return made


def _run(job: CopyJob) -> int:
    try:
        user = User.objects.select_related("membership").filter(pk=job.user_id).first()
        actor = None if user is None else actor_from_user(user, client=job.client)
        if actor is None:
            raise InvalidCredentials
        return copy_batch(actor, copy_id=job.pk)
    except CodedError as error:
        CopyJob.objects.filter(pk=job.pk, state=CopyState.RUNNING).update(
            state=CopyState.FAILED, error_code=error.code, updated_at=now()
        )
        return 0


def copy_batch(actor: Actor, *, copy_id: uuid.UUID) -> int:
    """One transaction. Returns how many nodes it has made. Raises NotFound when the new folder is gone."""
    found = own_copy(actor, copy_id)
    with space_unit_of_work(actor, found.space_id, *(frame[0] for frame in found.position)) as unit:
        job = CopyJob.objects.select_for_update().get(pk=copy_id)
        if job.state != CopyState.RUNNING:
            return 0
        work, allowed = unit[job.space_id], set[int]()
        _require_rights(unit, job, allowed)
        made, end, tops = 0, monotonic() + TIME, _tops_to_leave_out(job)
        # What is mounted below a folder lies in another space, whose lock the next batch takes.
        while job.position and job.position[-1][0] in unit and made < BATCH:
            _require_rights(unit, job, allowed)
            made += _step(work, job, tops, BATCH - made, unit[job.position[-1][0]], allowed)
            work.flush()
            if monotonic() >= end:  # however slow the machine is, each batch goes one step on
                break
        job.done += made
        job.state = CopyState.RUNNING if job.position else CopyState.DONE
        job.updated_at = now()
        job.save(update_fields=["done", "position", "state", "updated_at"])
    return made


def _require_rights(unit: UnitOfWork, job: CopyJob, allowed: set[int]) -> None:
    """To read what is copied next, which may be restricted since the copy began, and to write where it goes: once in a
    transaction for each folder, of which `allowed` has the ids. Raises NotFound, Forbidden, ScopeMissing.
    """
    for space_id, source_id, target_id, _ in job.position[-1:]:
        if source_id in allowed:
            continue
        _require_download(unit[space_id], source_id)
        above = ancestors_of([target_id])[target_id]
        unit[job.space_id].require(Right.CREATE, [*(step.id for step in above), target_id])
        allowed.add(source_id)


def _require_download(source: SpaceUnitOfWork, node_id: int) -> None:
    """Of what is in the trash by now, as where it was: clients that move by COPY and DELETE lose nothing."""
    root_id = source.space.root_id or 0
    chain: list[int] | None = [root_id]
    if not source.rules.is_even(root_id):
        steps = whereabouts(source.space, [node_id]).get(node_id)
        chain = None if steps is None else [step.id for step in steps]
    if chain is None:
        raise errors.NotFound
    source.rules.along(chain).require(Right.DOWNLOAD)


def _tops_to_leave_out(job: CopyJob) -> list[int]:
    """The new folders of this copy, and of those that were begun after it and still fill theirs: two that were moved
    into what both copy would else copy each other without end.
    """
    later = Q(created_at__gt=job.created_at) | Q(created_at=job.created_at, pk__gt=job.pk)
    others = CopyJob.objects.filter(later, state=CopyState.RUNNING).values_list("targets", flat=True)
    return [*job.targets, *(top for tops in others for top in tops)]


def _step(
    work: SpaceUnitOfWork, job: CopyJob, tops: Sequence[int], most: int, source: SpaceUnitOfWork, allowed: set[int]
) -> int:
    """Files of one folder, or its next folder, which is gone into. A mount is copied as what it stands for; one that
    leads nowhere for this actor, or may not be downloaded, is none. Raises NotFound, Forbidden for a folder that is
    restricted by now.
    """
    space_id, source_id, target_id, last = job.position[-1]
    children = list(
        Node.objects.select_related("version__content")
        .filter(parent_id=source_id, space_id=space_id, pk__gt=last)
        .exclude(pk__in=tops)
        .order_by("pk")[:most]
    )
    if not children:
        job.position.pop()
        return 0
    base = _place(work, target_id)
    files = _leading_files(children)
    if files:
        _copy_files(work, base, files)
        job.position[-1][3] = files[-1].pk
        return len(files)
    folder, mount = children[0], None
    if folder.is_mount:
        mounts = mounts_in(work.actor, source.space)
        mount = None if mounts is None else mounts.get(folder.pk)
        if mount is None or (not folder.is_folder and not mount.entered.access.allows(Right.DOWNLOAD)):
            job.position[-1][3] = folder.pk
            return 0
        if not folder.is_folder:
            _copy_files(work, base, [mount.shown], name=folder.name)
            job.position[-1][3] = folder.pk
            return 1
    else:  # before its name is in the copy
        _require_download(source, folder.pk)
        allowed.add(folder.pk)
    inner = folder if mount is None else mount.shown
    (made,) = make_folders(work, [(base.chain, free_name(target_id, folder.name))])
    copy_properties(work, inner.pk, made.pk)
    job.position[-1][3] = folder.pk
    job.position.append([inner.space_id, inner.pk, made.pk, 0])
    return 1


def _leading_files(children: list[Node]) -> list[Node]:
    for index, node in enumerate(children):
        if node.kind == NodeKind.FOLDER or node.is_mount:
            return children[:index]
    return children


def _place(work: SpaceUnitOfWork, folder_id: int) -> LocatedNode:
    """A folder of the copy, wherever somebody has moved it in the space. NotFound when it is in the trash, or gone."""
    space = work.space
    node = Node.objects.filter(pk=folder_id, space=space).first()
    ancestors = ancestors_of([folder_id])[folder_id] if node is not None else ()
    if node is None or not ancestors or ancestors[0].id != space.root_id:
        raise errors.NotFound
    access = work.rules.along([*(step.id for step in ancestors), folder_id])
    return LocatedNode(space, node, ancestors, access)


def _copy_files(work: SpaceUnitOfWork, base: LocatedNode, files: list[Node], *, name: str | None = None) -> None:
    """With the times, checksums and properties that they have. `name`: of a mounted one its own."""
    entries = [
        FileWrite(
            (),
            name or node.name,
            node.version.content,
            WriteOptions(Mode.CREATE, autorename=True, modified_at=node.version.modified_at),
            checksums=node.version.known_checksums,
            was_there=True,
        )
        for node in files
        if node.version is not None
    ]
    puts = put_entries(work, base, entries)
    for put in puts:
        if put.error is not None:
            raise put.error
    with_properties = set(NodeProperty.objects.filter(node__in=files).values_list("node_id", flat=True))
    for node, put in zip((node for node in files if node.version is not None), puts, strict=True):
        if node.pk in with_properties and put.node is not None:
            copy_properties(work, node.pk, put.node.pk)
