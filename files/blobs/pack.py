"""Many small contents as one object: one durable write for all of them."""

from collections.abc import Mapping

from files.blobs import contents, ingest
from files.blobs.ingest import Stored
from files.blobs.pools import storage_of
from files.models import Pool


def store_pack(pool: Pool, wanted: Mapping[str, Stored], data: Mapping[str, bytes]) -> dict[str, Stored]:
    """Writes what the pool does not have yet. Returns where each content is; all are by content hash.

    Raises StorageUnavailable, StorageFull; then nothing is left behind.
    """
    placed = dict(wanted)
    there = contents.known_hashes(pool, list(wanted))
    missing = [stored for content_hash, stored in wanted.items() if content_hash not in there and stored.size]
    if not missing:
        return placed
    key, size = ingest.new_key("bulk"), sum(stored.size for stored in missing)
    with ingest.storage_errors():
        storage_of(pool).put(key, (data[stored.content_hash] for stored in missing), size=size)
    offset = 0
    for stored in missing:
        placed[stored.content_hash] = Stored(
            pool, key, stored.size, stored.content_hash, stored.checksums, offset, size
        )
        offset += stored.size
    return placed
