"""Pieces of uploads follow the region of their team like contents do: copied, verified, then the row.

So nothing that finishes late is outside. A piece that becomes part of a file meanwhile is a content's business
(regions.py), which looks after us.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Team
from common.clock import now
from common.errors import CodedError
from files.blobs import ingest
from files.blobs.hashing import StreamHasher
from files.blobs.ingest import storage_errors
from files.blobs.pools import storage_of
from files.maintenance.compact import Damaged
from files.maintenance.ranges import rows_in_batches
from files.models import Blob, Pool, Upload, UploadPiece
from storage.base import READ_CHUNK

logger = logging.getLogger(__name__)
Progress = Callable[[], None]


@dataclass
class RegionReport:
    """`waiting` teams have no active pool in their region; `failed` contents were left where they are."""

    teams: int = 0
    contents: int = 0
    pieces: int = 0
    bytes: int = 0
    failed: int = 0
    waiting: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def pieces_abroad(team: Team) -> "QuerySet[UploadPiece]":
    rows = UploadPiece.objects.filter(upload__space__team=team).exclude(blob__pool__region=team.region)
    return rows.select_related("blob__pool", "upload")


def bring_pieces(team: Team, pool: Pool, report: RegionReport, progress: Progress) -> None:
    """Damage is noted, and does not stop the rest."""
    for batch in rows_in_batches(pieces_abroad(team), 100):
        for piece in batch:
            progress()
            key = ingest.new_key(f"u{piece.upload_id.hex[:16]}")
            try:
                _copy(piece, pool, key, progress)
            except (Damaged, CodedError) as error:
                ingest.discard(pool, key)
                report.failed += 1
                logger.error("piece %s does not get into region %s: %r", piece.pk, team.region, error)
                continue
            if _switch(piece, pool, key):
                report.pieces += 1
                report.bytes += piece.length
            else:
                ingest.discard(pool, key)


def _copy(piece: UploadPiece, pool: Pool, key: str, progress: Progress) -> None:
    """Raises Damaged where a digest that was taken when the piece came in is another one now."""
    hasher = StreamHasher(start=max(0, piece.offset), whole=False)

    def chunks() -> Iterator[bytes]:
        with storage_of(piece.blob.pool).open(piece.blob.key, piece.blob_offset, piece.length) as reader:
            while chunk := reader.read(READ_CHUNK):
                progress()
                yield chunk

    with storage_errors():
        storage_of(pool).put(key, hasher.passing(chunks()), size=piece.length)
    known = {int(index): digest for index, digest in piece.digests.items()} if piece.offset >= 0 else {}
    if any(known.get(index, digest.hex()) != digest.hex() for index, digest in hasher.digests().items()):
        raise Damaged


def _switch(piece: UploadPiece, pool: Pool, key: str) -> bool:
    """Under the upload's lock; False when the piece is gone, or somebody else has moved it."""
    with transaction.atomic():
        if not Upload.objects.select_for_update(of=("self",)).filter(pk=piece.upload_id).exists():
            return False
        same = UploadPiece.objects.filter(pk=piece.pk, blob=piece.blob_id, length=piece.length)
        if not same.exists():
            return False
        blob = Blob.objects.create(pool=pool, key=key, size=piece.length)
        same.update(blob=blob, blob_offset=0)
        Blob.objects.filter(pk=piece.blob_id).update(claimed_at=now())  # whoever hashes it now goes on for the grace
    return True
