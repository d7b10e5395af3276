"""An upload whose pieces say in their names which of how many they are (chunking of ownCloud, version 1).

Nobody begins or ends it: whichever piece comes first opens an upload, and whichever comes last makes the file. They
come in any order, several at once, again, and through any replica; what was said with one of them (length and checksum
of the whole, time, conditions) is kept with the upload, since the last one to arrive may be another. A set that is
never complete is charged and expires as every upload does.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from files import errors
from files.actions.chunks import MAXIMUM_CHUNKS, Chunk, beginning, finish_chunked_upload, write_chunk
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import Written, check_target
from files.blobs import checksums
from files.blobs.ingest import StoredPiece
from files.models import Upload
from files.queries.target import Target
from files.queries.tree import split_path
from files.queries.uploads import get_named_upload
from files.tree.writing import WriteOptions

PROTOCOL = "numbered"


@dataclass(frozen=True, slots=True)
class NumberedChunk:
    """Piece `index` (from 0) of `count` of what the client calls `transfer`.

    `length` in bytes as announced, None if unknown; `offset`: where it probably begins in the whole; `total`: bytes of
    the whole. `expected` are checksums of these bytes, `of_whole` of the whole: some clients send there that of the
    piece, so one that fits the piece counts as it.
    """

    transfer: str
    count: int
    index: int
    length: int | None = None
    offset: int | None = None
    total: int | None = None
    expected: dict[str, str] = field(default_factory=dict)
    of_whole: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assembled:
    """`keeps_time`: one of the pieces had said when the file was changed."""

    written: Written
    keeps_time: bool


def write_numbered_chunk(
    actor: Actor, *, target: Target, options: WriteOptions, chunk: NumberedChunk, chunks: Iterable[bytes]
) -> Assembled | None:
    """Stores the piece; the file when it was the last that was missing, else None. The same piece again replaces.

    What stands against writing at the target is refused before the first byte is read. When the whole is refused (a
    checksum, a condition, a lock), the pieces stay: any of them sent again tries again.
    """
    if not 0 < chunk.count <= MAXIMUM_CHUNKS:
        raise errors.TooMany(limit=MAXIMUM_CHUNKS)
    if chunk.index >= chunk.count:
        raise errors.InvalidRequest(_("There is no such chunk: the first is 0."), index=chunk.index, count=chunk.count)
    of_whole = checksums.clean(chunk.of_whole)
    resolved = check_target(actor, target=target, options=options, length=None)
    name = _name_of(target, chunk)
    _open(actor, name, beginning(resolved, Target(space_id=target.space_id)), chunk)

    def note(upload: Upload, stored: StoredPiece) -> None:
        _note(upload, stored, chunk, options, of_whole)

    try:
        sent = Chunk(str(chunk.index), chunk.length, chunk.offset, chunk.expected)
        write_chunk(actor, name=name, protocol=PROTOCOL, chunk=sent, chunks=chunks, algorithms=of_whole, note=note)
    except errors.UploadNotFound as error:
        raise errors.Busy from error  # another piece has completed the set in this very moment
    return _finish(actor, name, target, chunk.count)


def _name_of(target: Target, chunk: NumberedChunk) -> str:
    """One for each target, transfer and count; a path may be longer than a name."""
    whole = "\0".join([str(target.space_id), "/".join(split_path(target.path)), chunk.transfer, str(chunk.count)])
    return f"{chunk.transfer[:60]}-{chunk.count}-{hashlib.sha256(whole.encode()).hexdigest()}"


def _open(actor: Actor, name: str, target: Target, chunk: NumberedChunk) -> None:
    """One that is finished is another: a client may use the same number for the next version of a file."""
    try:
        if get_named_upload(actor, name, protocol=PROTOCOL).finished_at is None:
            return
    except errors.UploadNotFound:
        pass
    wanted = UploadOptions(target, length=chunk.total, protocol=PROTOCOL, is_partial=True, name=name)
    try:
        open_upload(actor, wanted=wanted)
    except errors.NameTaken:
        pass  # by another piece of the same, in this moment


def _note(
    upload: Upload, stored: StoredPiece, chunk: NumberedChunk, options: WriteOptions, of_whole: dict[str, str]
) -> None:
    """Under the lock of the upload. What a piece says that is sent again takes the place of what it said before."""
    kept: dict[str, Any] = upload.metadata
    before = upload.length if upload.length is not None else kept.get("total")
    if chunk.total is not None and before not in (None, chunk.total):
        raise errors.InvalidRequest(_("The pieces say different lengths of the whole."), before=before, now=chunk.total)
    if chunk.total is not None:
        kept["total"] = chunk.total
    if options.modified_at is not None:
        upload.modified_at = options.modified_at
    if options.conditions:
        kept["conditions"] = dict(options.conditions)
    number = str(chunk.index)
    empty = set(kept.get("empty", ())) - {number}
    kept["empty"] = sorted(empty | {number}) if stored.size == 0 else sorted(empty)
    others = {index: sent for index, sent in kept.get("checksums", {}).items() if index != number}
    foreign = {name: value for name, value in of_whole.items() if stored.checksums.get(name) != value}
    kept["checksums"] = {**others, number: foreign} if foreign else others


def _finish(actor: Actor, name: str, target: Target, count: int) -> Assembled | None:
    upload = get_named_upload(actor, name, protocol=PROTOCOL)
    kept: dict[str, Any] = upload.metadata
    if upload.finished_at is None and upload.pieces.count() + len(kept.get("empty", ())) < count:
        return None
    expected: dict[str, str] = {}
    for sent in kept.get("checksums", {}).values():
        for algorithm, value in sent.items():
            if expected.setdefault(algorithm, value) != value:
                raise errors.InvalidChecksum(
                    _("The pieces give different checksums of the whole."), algorithm=algorithm
                )
    options = WriteOptions(modified_at=upload.modified_at, conditions=kept.get("conditions", {}))
    written = finish_chunked_upload(
        actor, name=name, protocol=PROTOCOL, target=target, options=options, length=kept.get("total"), expected=expected
    )
    return Assembled(written, keeps_time=upload.modified_at is not None)
