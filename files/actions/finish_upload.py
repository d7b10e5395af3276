"""Finishing an upload: the list of extents is written, no byte is copied, whatever the size."""

import uuid
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.quotas import Charge
from common.clock import now
from files import errors
from files.actions.unit_of_work import work_on_target
from files.actions.write_file import Written, known, written_at
from files.blobs import checksums, contents, piece_digests
from files.blobs.hashing import whole_hash
from files.blobs.noise import SAMPLE, is_noise
from files.blobs.pools import storage_of
from files.models import Blob, Content, Extent, Space, SpaceKind, Upload, UploadPiece, Version
from files.models.upload import MOUNTED_FILE
from files.queries.target import Target, bound_target, space_of_target
from files.queries.tree import locate
from files.queries.uploads import contiguous, get_upload, missing_ranges, pieces_of
from files.tree.writing import FileWrite, Mode, WriteOptions, WriteOutcome, put_entries
from storage.base import StorageError


def finish_upload(
    actor: Actor,
    *,
    upload_id: uuid.UUID | str,
    expected: dict[str, str] | None = None,
    protocol: str | None = None,
    target: Target | None = None,
    options: WriteOptions | None = None,
) -> Written:
    """Makes the bytes that have arrived the file at the target. Repeating it answers the same again.

    `target` and `options`: for an upload of which they are said now, and not when it was begun. An upload without a
    piece finishes only as an empty new file, whatever it wishes: most often nothing has arrived yet.
    """
    upload = get_upload(actor, upload_id, protocol=protocol)
    if upload.finished_at is not None:
        return _finished(actor, upload)
    pieces = pieces_of(upload)
    total = upload.length if upload.length is not None else contiguous(pieces)
    missing = missing_ranges(pieces, total)
    if missing or (pieces and pieces[-1].offset + pieces[-1].length > total):
        raise errors.UploadIncomplete(missing=missing[:100])
    wanted = {**upload.checksums, **checksums.clean(expected or {})}
    content_hash = whole_hash(piece_digests.all_digests(upload, pieces, total))
    actual = piece_digests.whole_checksums(pieces, total, wanted)
    checksums.verify(wanted, {**actual, "content_hash": content_hash})
    options = options or WriteOptions(Mode(upload.mode), upload.autorename, upload.base_version_id, upload.modified_at)
    if not pieces:
        if options.mode is Mode.UPDATE:
            raise errors.UploadIncomplete(missing=[])
        options = replace(options, mode=Mode.CREATE)
    aim = _aim_of(actor, upload, options) if target is None else _Aim(target, options)
    return _commit(actor, upload, aim, _Whole(pieces, total, content_hash, actual, _is_noise(pieces)))


@dataclass(frozen=True, slots=True)
class _Aim:
    """Where it goes, and how. `file_id`: which file must get a version, where it was begun for one that is mounted."""

    target: Target
    options: WriteOptions
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Whole:
    """What has arrived; `checksums` are hex by algorithm."""

    pieces: list[UploadPiece]
    total: int
    content_hash: str
    checksums: dict[str, str]
    noise: bool | None


def _is_noise(pieces: list[UploadPiece]) -> bool | None:
    """What its beginning looks like. Nobody loses an upload because that cannot be read now."""
    if not pieces:
        return None
    blob = Blob.objects.select_related("pool").get(pk=pieces[0].blob_id)
    try:
        with storage_of(blob.pool).open(blob.key, pieces[0].blob_offset, min(SAMPLE, pieces[0].length)) as reader:
            return is_noise(reader.read(SAMPLE))
    except StorageError:
        return None


def _aim_of(actor: Actor, upload: Upload, options: WriteOptions) -> _Aim:
    file_id = upload.metadata.get(MOUNTED_FILE)
    if file_id is None:
        return _Aim(Target(upload.path, upload.parent_id, upload.space_id), options)
    target, is_file = bound_target(actor, file_id, options.overwrites, autorename=options.autorename)
    if is_file:
        return _Aim(target, options, file_id)
    return _Aim(target, replace(options, mode=Mode.CREATE))  # whatever is there by now: beside it


def _commit(actor: Actor, upload: Upload, aim: _Aim, whole: _Whole) -> Written:
    target, options = aim.target, aim.options
    where = space_of_target(actor, target, options.overwrites)
    if where.pk != upload.space_id and not _leads_there(upload, target, where):
        raise errors.InvalidRequest(_("An upload is finished in the space that it was begun in."))
    locking = work_on_target(
        actor,
        target,
        space_id=where.pk,
        autorename=options.autorename,
        overwrites=options.overwrites,
        also=upload.space_id,
    )
    with locking as (work, resolved):
        actor = work.actor
        locked = get_upload(actor, upload.pk, lock=True)
        if locked.finished_at is not None:
            return _finished(actor, locked)
        if {p.pk for p in pieces_of(locked)} != {p.pk for p in whole.pieces}:
            raise errors.Busy
        content = _content(locked, whole)
        entry = FileWrite(resolved.folders, resolved.name, content, options, target.make_folders, whole.checksums)
        (put,) = put_entries(work, resolved.base, [entry], known=known(resolved))
        if put.error:
            raise put.error
        if aim.file_id is not None and (put.node is None or put.node.pk != aim.file_id):
            raise errors.Busy  # it was renamed in this very moment, or has got another version
        work.unit[locked.space_id].charge += Charge(uploads=-locked.charged)
        close(locked, put)
    return written_at(resolved, put)


def _leads_there(upload: Upload, target: Target, where: Space) -> bool:
    """What was begun before anybody said where it goes was reserved in the home, and may go into what is mounted there.
    A folder that something was begun in may be in another space now, and so may a mounted file.
    """
    in_home = target.space_id in (None, upload.space_id) and upload.space.kind == SpaceKind.HOME
    moved = target.parent_id is not None and target.parent_id == upload.parent_id
    moved = moved or MOUNTED_FILE in upload.metadata
    return (in_home or moved) and where.team_id == upload.space.team_id


def close(upload: Upload, put: WriteOutcome) -> None:
    """Remembers the outcome until the upload expires; the pieces have become extents or are no longer needed."""
    assert put.node is not None
    assert put.version is not None
    upload.finished_at, upload.charged = now(), 0
    upload.finished_node_id, upload.finished_version_id = put.node.pk, put.version.pk
    upload.save(update_fields=["finished_at", "charged", "finished_node_id", "finished_version_id"])
    upload.pieces.all().delete()


def _content(upload: Upload, whole: _Whole) -> Content:
    """The team's content with this hash: the one that is there, else a new one made of the pieces' blobs."""
    team_id, pieces = upload.space.team_id, whole.pieces
    existing = contents.lock_existing(upload.pool, team_id, [whole.content_hash])
    if existing:
        return existing[whole.content_hash]
    content, created = Content.objects.get_or_create(
        pool=upload.pool,
        team_id=team_id,
        content_hash=whole.content_hash,
        defaults={"size": whole.total, "extent_count": len(pieces), "noise": whole.noise},
    )
    if created:
        extents = [
            Extent(
                content=content,
                offset=p.offset,
                length=p.length,
                blob_id=p.blob_id,
                blob_offset=p.blob_offset,
            )
            for p in pieces
        ]
        Extent.objects.bulk_create(extents, batch_size=500)
    return content


def _finished(actor: Actor, upload: Upload) -> Written:
    """The answer of a finish that was lost on its way."""
    place = locate(actor, upload.finished_node_id or 0)
    version = Version.objects.select_related("content").filter(pk=upload.finished_version_id or 0).first()
    if version is None:
        raise errors.UploadNotFound
    return Written(place, version, created=False, changed=False)
