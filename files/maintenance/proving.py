"""Whether what must be gone is gone: every object of every pool is looked at, whatever the rows say."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from common.content_hash import BLOCK_SIZE
from files.blobs.hashing import StreamHasher, whole_hash
from files.blobs.ingest import storage_errors
from files.blobs.pools import storage_of
from files.models import Erasure, Extent, Pool
from storage.base import QUARANTINE, ObjectInfo, Storage, StorageError

Progress = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Remaining:
    """A range that is still in an object. It should be gone at `due`."""

    pool: str
    key: str
    offset: int
    length: int
    due: datetime


@dataclass
class Proof:
    """`known` is how many ranges must be gone, `needed` those of which somebody has a file still (again)."""

    known: int = 0
    needed: int = 0
    objects: int = 0
    remaining: list[Remaining] = field(default_factory=list)


def prove(*, team_id: int | None = None, owner_id: int | None = None, progress: Progress = lambda: None) -> Proof:
    """Of a team, or of the home of a person. Reads every range that could be it: by its key, or by the size of the
    object that it was in, wherever that is now and whatever it is called. Raises StorageUnavailable.
    """
    who = {"team_id": team_id} if team_id is not None else {"owner_id": owner_id}
    wanted = list(Erasure.objects.filter(**who).order_by("pk"))
    proof = Proof(known=len(wanted))
    by_key, by_size = _by(wanted, "key"), _by(wanted, "object_size")
    needed: set[int] = set()
    for pool in Pool.objects.order_by("pk"):
        storage = storage_of(pool)
        with storage_errors():
            for info in _objects(storage):
                progress()
                proof.objects += 1
                key = info.key.removeprefix(QUARANTINE)
                found = {one.pk: one for one in (*by_key.get(key, ()), *by_size.get(info.size, ()))}
                for one in found.values():
                    if (one.only_pool and one.pool_id != pool.pk) or not _is_there(storage, info, key, one):
                        continue
                    if _is_needed(pool, key, one):
                        needed.add(one.pk)
                        continue
                    due = one.at + settings.ERASURE_PERIOD
                    proof.remaining.append(Remaining(pool.name, info.key, one.offset, one.length, due))
    proof.needed = len(needed)
    return proof


def _by(wanted: Sequence[Erasure], name: str) -> dict[object, list[Erasure]]:
    found: dict[object, list[Erasure]] = defaultdict(list)
    for one in wanted:
        found[getattr(one, name)].append(one)
    return found


def _objects(storage: Storage) -> Iterator[ObjectInfo]:
    yield from storage.list()
    yield from storage.list(prefix=QUARANTINE)


def _is_there(storage: Storage, info: ObjectInfo, key: str, one: Erasure) -> bool:
    """Whether the range of this object has the digest; a piece without one is known by the key of its object alone."""
    if not one.content_hash or one.offset + one.length > info.size:
        return key == one.key and one.offset + one.length <= info.size
    hasher = StreamHasher()
    try:
        with storage.open(info.key, one.offset, one.length) as reader:
            while chunk := reader.read(BLOCK_SIZE):
                hasher.update(chunk)
    except StorageError as error:
        if error.code == "not_found":  # removed since it was listed
            return False
        raise
    return whole_hash(hasher.digests()) == one.content_hash


def _is_needed(pool: Pool, key: str, one: Erasure) -> bool:
    """By a file that is there, or is in the trash: of the same person or another one of the team."""
    return Extent.objects.filter(
        blob__pool=pool,
        blob__key=key,
        blob__doomed_at=None,
        blob_offset=one.offset,
        length=one.length,
        content__versions__isnull=False,
    ).exists()
