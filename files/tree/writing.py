"""Putting contents at names: new files and new versions, one or many, in a constant number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db import connection

from accounts.quotas import Charge
from common import etags
from common.batches import in_batches
from common.errors import CodedError
from common.ids import new_ids
from files import errors, sql_rows
from files.access.rights import Right
from files.models import ChangeKind, Content, Node, NodeKind, Version
from files.queries.locks import refuse_write
from files.queries.tree import LocatedNode, refuse_new_names
from files.tree.folders import Chain, Missing, Names, chain_path, children_by_name, ensure_folders
from files.tree.keys import free_name, insert_nodes
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork


class Mode(StrEnum):
    """`create` refuses a name that is taken, `update` one whose current version is not `base_version_id`."""

    CREATE = "create"
    OVERWRITE = "overwrite"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What somebody wants to be written. `conditions` are lower-case If-* headers (RFC 9110 section 13)."""

    mode: Mode = Mode.OVERWRITE
    autorename: bool = False
    base_version_id: int | None = None
    modified_at: datetime | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)

    def overwrites(self, existing: Node) -> bool:
        """Whether a file that has the name gets a new version, or else a refusal that is not about its name."""
        if self.mode is Mode.CREATE:
            return False
        return not self.autorename or self.mode is Mode.OVERWRITE or existing.version_id == self.base_version_id


@dataclass(frozen=True, slots=True)
class FileWrite:
    """One content to be put at `folders` + `name`, relative to the base of the call."""

    folders: Names
    name: str
    content: Content
    options: WriteOptions
    make_folders: bool = True  # those that are missing; else the entry is ParentNotFound
    checksums: Mapping[str, str] = field(default_factory=dict)  # verified, hex by algorithm
    was_there: bool = False  # its name is one that something has, whatever new names may not have


@dataclass(slots=True)
class WriteOutcome:
    """The outcome for one entry: a node with its new version, or an error."""

    node: Node | None = None
    version: Version | None = None
    chain: Chain = ()
    created: bool = False
    changed: bool = True
    error: CodedError | None = None


@dataclass(slots=True)
class _Plan:
    put: WriteOutcome
    entry: FileWrite
    name: str
    existing: Node | None = None


def decide(existing: Node | None, options: WriteOptions, path: str) -> bool:
    """Whether to continue under another name. Raises what stands against writing; the early check uses it too."""
    conflict: CodedError | None = None
    # A folder's tag is compared with nothing: who writes means a file, and what is hidden in it is part of the row's.
    outcome = etags.evaluate(
        dict(options.conditions),
        method="PUT",
        etag=None if existing is None else "" if existing.is_folder else existing.etag,
        modified=existing.modified_at if existing else None,
    )
    if outcome is not etags.Outcome.PROCEED:
        raise errors.PreconditionFailed(path=path)
    if existing is not None and existing.is_folder:
        conflict = errors.NotAFile(path=path)
    elif existing is not None and options.mode is Mode.CREATE:
        conflict = errors.NameTaken(path=path, id=existing.pk)
    elif options.mode is Mode.UPDATE and (existing is None or existing.version_id != options.base_version_id):
        current = existing.version_id if existing else None
        conflict = errors.VersionConflict(path=path, current=current)
    if conflict and not (options.autorename and existing is not None):
        raise conflict
    return conflict is not None


Known = Mapping[tuple[int, str], Node]


def put_entries(
    work: SpaceUnitOfWork, base: LocatedNode, entries: Sequence[FileWrite], *, known: Known | None = None
) -> list[WriteOutcome]:
    """One outcome for each entry, in order. What is refused is refused alone; the caller decides what that means.

    `known`: what has the names now, by (parent, name), where the caller has looked under the same lock.
    """
    folders = ensure_folders(work, base, {entry.folders for entry in entries if entry.make_folders})
    careful = {entry.folders for entry in entries if not entry.make_folders}
    if careful:
        folders |= ensure_folders(work, base, careful, make=False)
    puts = [WriteOutcome() for _ in entries]
    plans = _plan(work, folders, entries, puts, known)
    new = [plan for plan in plans if plan.existing is None]
    _insert_nodes(work, new)
    old = [plan for plan in plans if plan.existing is not None]
    changed = [plan for plan in old if not _is_same(plan)]
    _insert_versions(work, [*new, *changed])
    _point_to_versions(work, [*new, *changed])
    return puts


def _plan(
    work: SpaceUnitOfWork,
    folders: Mapping[Names, Chain | Missing],
    entries: Sequence[FileWrite],
    puts: list[WriteOutcome],
    known: Known | None,
) -> list[_Plan]:
    open_folders = {names: chain for names, chain in folders.items() if not isinstance(chain, Missing)}
    existing = (
        known
        if known is not None
        else children_by_name(
            {open_folders[e.folders][-1].id for e in entries if e.folders in open_folders},
            {entry.name for entry in entries},
        )
    )
    promised: dict[int, set[str]] = {}
    plans = []
    for entry, put in zip(entries, puts, strict=True):
        chain = folders[entry.folders]
        if isinstance(chain, Missing):
            put.error = chain
            continue
        put.chain = chain
        taken = promised.setdefault(chain[-1].id, set())
        try:
            plan = _plan_one(work, entry, put, existing, taken)
            _require_right(work, plan, [step.id for step in chain])
        except CodedError as error:
            put.error = error
            continue
        taken.add(plan.name)
        plans.append(plan)
    return plans


def _require_right(work: SpaceUnitOfWork, plan: _Plan, chain: list[int]) -> None:
    """To write what is planned, and past locks. Raises Forbidden, NotFound, ScopeMissing, Locked."""
    existing_id = plan.existing.pk if plan.existing else None
    if existing_id is None:
        work.require(Right.CREATE, chain)
    else:
        work.require(Right.EDIT, [*chain, existing_id])
    if work.locks:
        refuse_write(work.actor, work.locks, chain, existing_id)


def _plan_one(work: SpaceUnitOfWork, entry: FileWrite, put: WriteOutcome, existing: Known, taken: set[str]) -> _Plan:
    parent_id = put.chain[-1].id
    node = existing.get((parent_id, entry.name))
    path = work.path_shown(put.chain, entry.name)
    twice = entry.name in taken  # in one request: the second is a conflict of its own, or gets its own name
    if twice and not entry.options.autorename:
        raise errors.NameTaken(path=path)
    if node is not None and not work.sees(put.chain, node):
        if not entry.options.autorename:
            raise work.name_taken(put.chain, node)
        renamed = True
    else:
        renamed = twice or decide(node, entry.options, path)
        if node is not None and node.is_mount and not renamed:
            # What is written there becomes a version of another space's file: the mount has come in this very moment.
            if not entry.options.autorename:
                raise errors.Busy
            renamed = True
    if (node is None or renamed) and not entry.was_there:
        refuse_new_names(entry.name)
    if renamed:
        return _Plan(put, entry, free_name(parent_id, entry.name, taken=taken))
    return _Plan(put, entry, entry.name, node)


def _is_same(plan: _Plan) -> bool:
    """The same bytes with the same time are no new version: sync clients send them again after a lost answer."""
    node, options = plan.existing, plan.entry.options
    assert node is not None
    assert node.version is not None
    version = node.version
    if version.content_id != plan.entry.content.pk or (
        options.modified_at and options.modified_at != version.modified_at
    ):
        return False
    plan.put.node, plan.put.version, plan.put.changed = node, version, False
    version.content = plan.entry.content
    keep_checksums(version, plan.entry.checksums)
    return True


def keep_checksums(version: Version, verified: Mapping[str, str]) -> None:
    """Keeps those that were sent, or computed on request later. Its content is loaded. No query when all are known."""
    known = version.known_checksums
    if not verified.keys() <= known.keys():
        version.checksums = {**known, **verified}
        Version.objects.filter(pk=version.pk).update(checksums=version.checksums)


def _insert_nodes(work: SpaceUnitOfWork, plans: list[_Plan]) -> None:
    for plan in plans:
        plan.put.created = True
        plan.put.node = sql_rows.make(
            Node,
            space_id=work.space.pk,
            parent_id=plan.put.chain[-1].id,
            kind=NodeKind.FILE,
            name=plan.name,
            size=plan.entry.content.size,
            created_at=work.at,
            modified_at=plan.entry.options.modified_at or work.at,
        )
    insert_nodes([plan.put.node for plan in plans if plan.put.node])


def _insert_versions(work: SpaceUnitOfWork, plans: list[_Plan]) -> None:
    for index, plan in enumerate(plans, start=1):
        node = plan.put.node = plan.put.node or plan.existing
        assert node is not None
        version = plan.put.version = sql_rows.make(
            Version,
            id=new_ids(1, above=node.version_id or 0)[0],  # whatever time this replica has
            node_id=node.pk,
            content_id=plan.entry.content.pk,
            size=plan.entry.content.size,
            checksums=dict(plan.entry.checksums),
            author_id=work.actor.user_id,
            client=work.actor.client[:200],
            created_at=work.at,
            modified_at=plan.entry.options.modified_at or work.at,
            seq=work.space.seq + index,  # what `_record` is going to take, in the same order
        )
        sql_rows.relate(version, "node", node)
        sql_rows.relate(version, "content", plan.entry.content)
    sql_rows.insert(Version, [plan.put.version for plan in plans if plan.put.version])
    for plan in plans:
        if plan.put.version:
            _record(work, plan, plan.put.version)


def _record(work: SpaceUnitOfWork, plan: _Plan, version: Version) -> None:
    node, chain, content = version.node, plan.put.chain, plan.entry.content
    path = chain_path(chain, node.name)
    after = NodeLocation(chain[-1].id, node.name, path, version.pk)
    ancestors = [step.id for step in chain]
    if content.noise and not plan.entry.was_there:
        work.load.noise_written(node.name, None if plan.existing is None else node.version_id)
    if plan.existing is None:
        node.seq = work.record(ChangeKind.CREATE, node, after=after)
        work.touch(ancestors, size=content.size, descendants=1, height=1)
        work.charge += Charge(live=content.size, nodes=1)
    else:
        before = NodeLocation(chain[-1].id, node.name, path, node.version_id)
        replaced, node.size = node.size, content.size
        node.seq = work.record(ChangeKind.WRITE, node, before=before, after=after)
        node.versions_size += replaced
        work.touch(ancestors, size=content.size - replaced, versions_size=replaced)
        work.charge += Charge(live=content.size - replaced, versions=replaced)
        node.modified_at = version.modified_at
    node.version_id = version.pk
    sql_rows.relate(node, "version", version)


def _point_to_versions(work: SpaceUnitOfWork, plans: list[_Plan]) -> None:
    """The nodes' new version, size and time, and the numbers that they got."""
    deltas = []
    for plan in plans:
        node, version = plan.put.node, plan.put.version
        assert node is not None
        assert version is not None
        modified_at = sql_rows.adapt_time(version.modified_at)
        deltas.append((node.pk, version.pk, node.seq, node.size, node.versions_size, modified_at))
    with connection.cursor() as cursor:
        for part in in_batches(deltas, 150):
            values = ", ".join([_VALUES[connection.vendor]] * len(part))
            delta = f"WITH delta(id, version_id, seq, size, versions_size, modified_at) AS (VALUES {values}) "
            parameters = [value for row in part for value in row]
            cursor.execute(
                delta + "UPDATE files_node SET version_id = delta.version_id, seq = delta.seq, size = delta.size, "
                "versions_size = delta.versions_size, modified_at = delta.modified_at "
                "FROM delta WHERE files_node.id = delta.id",
                parameters,
            )


_VALUES = {
    "sqlite": "(%s, %s, %s, %s, %s, %s)",
    "postgresql": "(%s, %s, %s, %s, %s, %s::timestamptz)",
}
