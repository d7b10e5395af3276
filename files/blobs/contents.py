"""Rows of bytes: claiming a Content that is there, or creating one, in the transaction of an action. And packs: many
small contents in one object, by one durable write.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, connection, transaction

from common.batches import in_batches
from common.clock import now
from files import sql_rows
from files.blobs import ingest
from files.blobs.ingest import Small, Stored
from files.blobs.pools import storage_of
from files.models import Blob, Content, Extent, Pool

MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Claimed:
    """Contents by content hash; `unused` are keys of objects that nobody needs: delete them after the commit."""

    contents: dict[str, Content]
    unused: frozenset[str]


class ContentVanished(Exception):
    """What the pool had when the bytes were hashed was collected before it could be claimed: store and try again."""


def claim(pool: Pool, stored: Sequence[Stored]) -> Claimed:
    """A Content for each, of the one team that they are for. The winner of a race within it is used by all; the
    losers' objects come back as `unused`.

    Locks the rows in the order of their hashes, so that two bulk acts never wait for each other in a circle.
    """
    assert connection.in_atomic_block
    by_hash = {item.content_hash: item for item in sorted(stored, key=lambda item: item.content_hash)}
    (team_id,) = {item.team_id for item in stored} or {0}
    contents = lock_existing(pool, team_id, by_hash)
    if len(contents) < len(by_hash):
        contents |= _moved(pool, team_id, [item for item in by_hash.values() if item.content_hash not in contents])
    missing = [item for content_hash, item in by_hash.items() if content_hash not in contents]
    used: set[str] = set()
    if missing:
        made, used = _make(pool, team_id, missing)
        contents |= made
    return Claimed(contents, frozenset(item.key for item in stored if item.key is not None and item.key not in used))


def known_hashes(items: Iterable[Stored]) -> set[str]:
    """Which of these, all of one team and pool, the team has there now. Takes no lock, promises nothing."""
    wanted = list(items)
    found: set[str] = set()
    for items_of_part in in_batches(wanted, 500):
        part = [item.content_hash for item in items_of_part]
        marks = ", ".join(["%s"] * len(part))
        select = (
            f"SELECT content_hash FROM files_content WHERE pool_id = %s AND team_id = %s AND content_hash IN ({marks})"
        )
        rows_found = sql_rows.fetch(select, [wanted[0].pool.pk, wanted[0].team_id, *part])
        found.update(content_hash for (content_hash,) in rows_found)
    return found


def lock_existing(pool: Pool, team_id: int, hashes: Iterable[str]) -> dict[str, Content]:
    """The contents of the team that are there, locked and claimed from now on for a day. Another team's never are:
    neither an answer nor its time may tell that somebody else has the same bytes.
    """
    found: dict[str, Content] = {}
    wanted = sorted(set(hashes))
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    for part in in_batches(wanted, 500):
        marks = ", ".join(["%s"] * len(part))
        select = (
            f"SELECT {sql_rows.columns(Content, 'c')} FROM files_content c "
            f"WHERE c.pool_id = %s AND c.team_id = %s AND c.content_hash IN ({marks}) ORDER BY c.content_hash{lock}"
        )
        found |= {row.content_hash: row for row in sql_rows.select(Content, select, [pool.pk, team_id, *part])}
    if found:
        _claim_again([row.pk for row in found.values()])
    for row in found.values():
        sql_rows.relate(row, "pool", pool)
    return found


def _moved(pool: Pool, team_id: int, items: Sequence[Stored]) -> dict[str, Content]:
    """What the pool had when the bytes were hashed, and what belongs to another pool of its region since."""
    hashes = sorted(item.content_hash for item in items if item.key is None and item.size)
    if not hashes:
        return {}
    same = Content.objects.filter(team_id=team_id, pool__region=pool.region, content_hash__in=hashes)
    others = same.exclude(pool=pool)
    homes: dict[int, list[str]] = {}
    for content_hash, pool_id in others.order_by("content_hash", "-pk").values_list("content_hash", "pool_id"):
        homes.setdefault(pool_id, []).append(content_hash)
    found: dict[str, Content] = {}
    for home in Pool.objects.filter(pk__in=homes).order_by("pk"):
        found = lock_existing(home, team_id, set(homes[home.pk]) - found.keys()) | found
    return found


def _claim_again(content_ids: list[int]) -> None:
    at = sql_rows.adapt_time(now())
    with connection.cursor() as cursor:
        for part in in_batches(content_ids, 500):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f"UPDATE files_content SET claimed_at = %s WHERE id IN ({marks})", [at, *part])


def _make(pool: Pool, team_id: int, items: list[Stored]) -> tuple[dict[str, Content], set[str]]:
    """The new contents, and the keys of the objects that they use."""
    if not connection.features.has_select_for_update:  # one writer: nobody can come in between
        return _insert(pool, team_id, items), {item.key for item in items if item.key is not None}
    try:
        with transaction.atomic():
            return _insert(pool, team_id, items), {item.key for item in items if item.key is not None}
    except IntegrityError:
        # Somebody else made one of them meanwhile: their commit has released us, so it is there to be claimed now.
        contents = lock_existing(pool, team_id, [item.content_hash for item in items])
        missing = [item for item in items if item.content_hash not in contents]
        return contents | _insert(pool, team_id, missing), {item.key for item in missing if item.key is not None}


def _insert(pool: Pool, team_id: int, items: list[Stored]) -> dict[str, Content]:
    if any(item.key is None and item.size for item in items):
        raise ContentVanished
    at = now()
    contents = [
        sql_rows.make(
            Content,
            pool_id=pool.pk,
            team_id=team_id,
            content_hash=item.content_hash,
            size=item.size,
            media_type=MEDIA_TYPE,
            checksums={},
            created_at=at,
            claimed_at=at,
            extent_count=1 if item.size else 0,
            noise=item.noise,
        )
        for item in items
    ]
    for content in contents:
        sql_rows.relate(content, "pool", pool)
    sql_rows.insert(Content, contents)
    sizes = {item.key: item.blob_size for item in items if item.key is not None}  # a bulk upload has one for many
    blobs = [
        sql_rows.make(Blob, pool_id=pool.pk, key=key, size=size, created_at=at, claimed_at=at)
        for key, size in sizes.items()
    ]
    sql_rows.insert(Blob, blobs)
    by_key = {blob.key: blob.pk for blob in blobs}
    extents = [
        sql_rows.make(
            Extent,
            content_id=content.pk,
            offset=0,
            length=item.size,
            blob_id=by_key[item.key],
            blob_offset=item.blob_offset,
        )
        for content, item in zip(contents, items, strict=True)
        if item.key is not None
    ]
    sql_rows.insert(Extent, extents)
    return {content.content_hash: content for content in contents}


def store_pack(pool: Pool, smalls: Iterable[Small]) -> dict[str, Stored]:
    """Writes what the team does not have there yet. Returns where each content is, by content hash.

    Raises StorageUnavailable, StorageFull; then nothing is left behind.
    """
    wanted = {small.stored.content_hash: small for small in smalls}
    placed = {content_hash: small.stored for content_hash, small in wanted.items()}
    there = known_hashes(placed.values())
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


__all__ = ["Claimed", "ContentVanished", "claim", "known_hashes", "lock_existing", "store_pack"]
