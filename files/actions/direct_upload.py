"""Pieces of an upload that a client sends to the object store itself, so that no byte passes through us.

Each is exactly one 4 MiB block of the whole (the last one may be shorter): the SHA-256 that the store enforces is
then the digest of that block in the content hash, and nothing has to be read again.
"""

import hashlib
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from common.content_hash import BLOCK_SIZE
from common.signing import InvalidCursor, seal, unseal
from files import errors
from files.actions.reservations import settle_arrived
from files.blobs import ingest
from files.blobs.ingest import storage_errors
from files.blobs.pools import pool_of_upload, storage_of
from files.models import Blob, BlobCopy, Pool, Upload, UploadPiece
from files.queries.uploads import get_upload, pieces_of
from storage.base import PresignedRequest, Storage, StorageError

MAXIMUM_PIECES = 1_000  # in one call: 4 GiB
EXPIRES = timedelta(hours=1)  # for sending a piece
REGISTER_WITHIN = timedelta(hours=6)  # for saying that it was sent
_PARALLEL = 8


@dataclass(frozen=True, slots=True)
class DirectPiece:
    """What the client wants to send; `sha256` is of exactly these bytes."""

    offset: int
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a token says: where the client was to send the piece."""

    pool: Pool
    key: str
    piece: DirectPiece


@dataclass(frozen=True, slots=True)
class Permit:
    """The request to send, and the token that says afterwards what was sent."""

    piece: DirectPiece
    request: PresignedRequest
    token: str
    expires_at: datetime


def permit_pieces(
    actor: Actor, *, upload_id: uuid.UUID | str, pieces: Sequence[DirectPiece], protocol: str | None = None
) -> list[Permit]:
    """Raises DirectUploadUnavailable, UploadFinished, InvalidRequest (not a block), TooMany."""
    if not 1 <= len(pieces) <= MAXIMUM_PIECES:
        raise errors.TooMany(limit=MAXIMUM_PIECES)
    upload = get_upload(actor, upload_id, protocol=protocol)
    if upload.finished_at is not None:
        raise errors.UploadFinished
    pool = pool_of_upload(upload)
    storage = _storage(pool)
    for piece in pieces:
        _check_block(upload, piece)
    moment = now()
    permits = []
    for piece in pieces:
        key = ingest.new_key(f"d{upload.pk.hex[:16]}")
        with storage_errors():
            request = storage.presigned_put(key, size=piece.length, sha256=piece.sha256, expires=EXPIRES)
        value = [key, piece.offset, piece.length, piece.sha256.hex(), moment.timestamp(), pool.pk]
        permits.append(Permit(piece, request, seal(value, purpose=_purpose(upload)), moment + EXPIRES))
    return permits


def register_pieces(
    actor: Actor, *, upload_id: uuid.UUID | str, tokens: Sequence[str], protocol: str | None = None
) -> Upload:
    """Looks at each object in the store and takes it into the upload. Again is no error.

    Raises InvalidRequest (a token that is none of this upload, or too old), UploadIncomplete (not all objects are
    there; none is taken), ChecksumMismatch, UploadFinished.
    """
    if not 1 <= len(tokens) <= MAXIMUM_PIECES:
        raise errors.TooMany(limit=MAXIMUM_PIECES)
    upload = get_upload(actor, upload_id, protocol=protocol)
    if upload.finished_at is not None:
        raise errors.UploadFinished
    pools: dict[int, Pool] = {}
    sent = {item.piece.offset: item for item in (_open(upload, token, pools) for token in tokens)}
    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="direct") as executor, storage_errors():
        there = list(executor.map(_is_there, sent.values()))
    missing = [
        [item.piece.offset, item.piece.length] for item, found in zip(sent.values(), there, strict=True) if not found
    ]
    if missing:
        raise errors.UploadIncomplete(missing=missing[:100])
    return _commit(actor, upload, sent, protocol)


def _storage(pool: Pool) -> Storage:
    if not pool.direct_uploads:
        raise errors.DirectUploadUnavailable
    storage = storage_of(pool)
    with storage_errors():
        able = storage.capabilities
    if not (able.presigned_put and able.checksum_enforced):
        raise errors.DirectUploadUnavailable
    return storage


def _check_block(upload: Upload, piece: DirectPiece) -> None:
    if upload.length is None:
        raise errors.InvalidRequest(_("Say the length of the upload first."))
    expected = min(BLOCK_SIZE, upload.length - piece.offset)
    aligned = piece.offset >= 0 and piece.offset % BLOCK_SIZE == 0
    if not aligned or expected <= 0 or piece.length != expected:
        raise errors.InvalidRequest(
            _("A piece is one whole block of 4 MiB, the last one is the rest."), offset=piece.offset
        )
    if len(piece.sha256) != hashlib.sha256().digest_size:
        raise errors.InvalidChecksum(algorithm="sha256")


def _purpose(upload: Upload) -> str:
    return f"direct:{upload.pk}"


def _open(upload: Upload, token: str, pools: dict[int, Pool]) -> _Sent:
    """The pool is the one of the permit, whatever has become of it since. `pools`: those that were seen already."""
    try:
        key, offset, length, sha256, issued, *rest = unseal(token, purpose=_purpose(upload))
    except InvalidCursor as error:
        raise errors.InvalidRequest(_("A token is not of this upload.")) from error
    # An object that no row knows is collected after a while: what was sent long ago may be going just now.
    if now().timestamp() - issued > min(REGISTER_WITHIN, settings.GC_GRACE / 2).total_seconds():
        raise errors.InvalidRequest(_("A token is too old: send the piece again."), offset=offset)
    pool_id = rest[0] if rest else upload.pool_id
    if pool_id not in pools:
        found = upload.pool if pool_id == upload.pool_id else Pool.objects.filter(pk=pool_id).first()
        if found is None:
            raise errors.InvalidRequest(_("A token is too old: send the piece again."), offset=offset)
        pools[pool_id] = found
    return _Sent(pools[pool_id], key, DirectPiece(offset, length, bytes.fromhex(sha256)))


def _is_there(sent: _Sent) -> bool:
    """Raises ChecksumMismatch for other bytes than announced, whatever the store has promised to enforce."""
    storage = storage_of(sent.pool)
    try:
        if storage.size(sent.key) != sent.piece.length:
            raise errors.ChecksumMismatch(algorithm="sha256")
        actual = storage.checksum(sent.key) or _hash(storage, sent.key)
    except StorageError as error:
        if error.code == "not_found":
            return False
        raise
    if actual != sent.piece.sha256:
        raise errors.ChecksumMismatch(algorithm="sha256")
    return True


def _hash(storage: Storage, key: str) -> bytes:
    digest = hashlib.sha256()
    with storage.open(key) as reader:
        for chunk in reader:
            digest.update(chunk)
    return digest.digest()


def _commit(actor: Actor, upload: Upload, sent: dict[int, _Sent], protocol: str | None) -> Upload:
    """Blocks that are there already stay as they are; the objects sent for them again are nobody's."""
    with unit_of_work(actor, Lock(Upload, upload.pk)) as actor:
        locked = get_upload(actor, upload.pk, protocol=protocol)
        if locked.finished_at is not None:
            raise errors.UploadFinished
        pieces = pieces_of(locked)
        fresh = _fresh(pieces, sent)
        blobs = Blob.objects.bulk_create(
            [Blob(pool=item.pool, key=item.key, size=item.piece.length) for item in fresh], batch_size=500
        )
        rows: list[Any] = [
            UploadPiece(
                upload=locked,
                offset=item.piece.offset,
                length=item.piece.length,
                blob=blob,
                digests={str(item.piece.offset // BLOCK_SIZE): item.piece.sha256.hex()},
            )
            for blob, item in zip(blobs, fresh, strict=True)
        ]
        UploadPiece.objects.bulk_create(rows, batch_size=500)
        arrived = sum(piece.length for piece in pieces) + sum(item.piece.length for item in fresh)
        locked.expires_at = now() + settings.UPLOAD_EXPIRY
        settle_arrived(locked, arrived)
    for item in sent.values():
        if item not in fresh:
            _discard_repeated(item)
    return locked


def _fresh(existing: list[UploadPiece], sent: dict[int, _Sent]) -> list[_Sent]:
    """What is not there yet. Raises PieceOverlaps where something else is in the way."""
    fresh = []
    for item in sent.values():
        piece = item.piece
        end = piece.offset + piece.length
        inside = [p for p in existing if p.offset < end and p.offset + p.length > piece.offset]
        if not inside:
            fresh.append(item)
        elif not _is_same(inside[0], piece) or len(inside) > 1:
            raise errors.PieceOverlaps(offset=inside[0].offset, length=inside[0].length)
    return fresh


def _is_same(existing: UploadPiece, piece: DirectPiece) -> bool:
    same_place = (existing.offset, existing.length) == (piece.offset, piece.length)
    return same_place and existing.digests.get(str(piece.offset // BLOCK_SIZE)) == piece.sha256.hex()


def _discard_repeated(sent: _Sent) -> None:
    """Unless it is the very object that was registered before, also when its blob has moved since."""
    rows: tuple[Any, ...] = (Blob, BlobCopy)
    if not any(model.objects.filter(pool=sent.pool, key=sent.key).exists() for model in rows):
        ingest.discard(sent.pool, sent.key)
