"""Many small contents as one object: one durable write for all of them."""

from collections.abc import Iterable
from dataclasses import replace

from files.blobs import contents, ingest
from files.blobs.ingest import Small, Stored
from files.blobs.pools import storage_of
from files.models import Pool


def store_pack(pool: Pool, smalls: Iterable[Small]) -> dict[str, Stored]:
    """Writes what the team does not have there yet. Returns where each content is, by content hash.

    Raises StorageUnavailable, StorageFull; then nothing is left behind.
    """
    wanted = {small.stored.content_hash: small for small in smalls}
    placed = {content_hash: small.stored for content_hash, small in wanted.items()}
    there = contents.known_hashes(placed.values())
    missing = [small for content_hash, small in wanted.items() if content_hash not in there and small.data]
    if not missing:
        return placed
    key, size = ingest.new_key("bulk"), sum(len(small.data) for small in missing)
    with ingest.storage_errors():
        storage_of(pool).put(key, (small.data for small in missing), size=size)
    offset = 0
    for stored in (small.stored for small in missing):
        placed[stored.content_hash] = replace(stored, key=key, blob_offset=offset, blob_size=size)
        offset += stored.size
    return placed
