"""files.blobs.codec: with a codec that changes bytes, every way to write and to read goes through it, and no way goes
around it. Without one, nothing stands before the storage.
"""

import hashlib
import os
import re
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.actions import pools
from files.actions.direct_upload import DirectPiece, permit_pieces
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.blobs import codec, reader
from files.blobs.codec import Codec, CodedStorage
from files.blobs.pools import storage_of, store_at, writable_pool
from files.downloads.local_file import IN_MEMORY, SliceResponse
from files.downloads.response import download
from files.maintenance import compact, gc, moving
from files.maintenance.proving import prove
from files.models import Blob, Content, Pool
from files.queries.file_content import file_of_node
from files.queries.target import Target
from files.queries.tree import locate_path
from storage.base import Capabilities, StorageError
from storage.memory import MemoryStorage
from tests.architecture.test_house import ROOT, SOURCES, name_of
from tests.files.maintenance.conftest import other  # noqa: F401
from tests.files.maintenance.moving_world import check, world
from tests.support.clients import Api, ContentClient, body_of
from tests.support.people import SYSTEM, actor_of
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db
MARK = b"these words are in no object "
PAD = 32


class Xor(Codec):
    """Depends on the key and on the place, so that bytes read for another key or from another place are wrong."""

    def encode(self, key: str, offset: int, data: bytes | memoryview) -> bytes:
        pad = hashlib.sha256(key.encode()).digest()
        pad = pad[offset % PAD :] + pad[: offset % PAD]
        size = len(data)
        both = int.from_bytes(data, "big") ^ int.from_bytes((pad * (size // PAD + 1))[:size], "big")
        return both.to_bytes(size, "big")

    def decode(self, key: str, offset: int, data: bytes) -> bytes:
        return self.encode(key, offset, data)


@pytest.fixture
def xor(monkeypatch: pytest.MonkeyPatch) -> Xor:
    installed = Xor()
    monkeypatch.setattr(codec, "installed", installed)
    return installed


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Pool:
    """A pool that could be served by sendfile."""
    settings.STORAGE_URL = f"file://{tmp_path}"
    return writable_pool()


def raw_objects(pool: Pool) -> dict[str, bytes]:
    """As they are in the store, past the codec."""
    store = store_at(pool.url)
    return {info.key: store.open(info.key).read() for info in store.list()}


def get(actor: Actor, path: str, **headers: str) -> Any:
    request = RequestFactory().get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})
    return download(request, file_of_node(actor, locate_path(actor, path).node.pk))


def test_without_a_codec_there_is_nothing_in_between(pool: Pool) -> None:
    assert codec.installed is None
    assert storage_of(pool) is store_at(pool.url)
    assert isinstance(storage_of(pool), MemoryStorage)


def test_every_kind_of_write_is_encoded_and_read_back(xor: Xor, pool: Pool, other: Pool) -> None:  # noqa: F811
    """Alone, packed, in pieces; then moved to another pool. `check` reads all, and fsck all hashes."""
    files = world()
    check(files)
    known = {data for data in files.values() if data}
    assert not any(data in raw for raw in raw_objects(pool).values() for data in known if len(data) > 4)
    assert any(xor.decode(key, 0, raw) in known for key, raw in raw_objects(pool).items())
    before = {blob.pk: blob.key for blob in Blob.objects.all()}
    pools.move_pool(SYSTEM, pool_id=pool.pk, target_id=other.pk)
    assert moving.run_move().damaged == 0
    check(files)
    assert Blob.objects.filter(pool=other).count() == len(before)
    assert not any(data in raw for raw in raw_objects(other).values() for data in known if len(data) > 4)


def test_ranges_zips_and_single_bytes(xor: Xor, user: User, folder: Pool) -> None:
    actor = actor_of(user)
    data = MARK * 150_000  # more than four MiB: several chunks
    put(actor, "d/large.bin", data)
    put(actor, "d/small.txt", MARK)
    client = ContentClient(user)
    assert body_of(client.get("d/large.bin")) == data
    for first, last in ((0, 0), (1, 33), (1_048_575, 1_048_577), (len(data) - 1, len(data) - 1), (31, 2_000_000)):
        answer = client.get("d/large.bin", range=f"bytes={first}-{last}")
        assert (answer.status_code, body_of(answer)) == (206, data[first : last + 1])
    several = body_of(client.get("d/large.bin", range="bytes=5-9,1000000-1000009"))
    assert data[5:10] in several
    assert data[1_000_000:1_000_010] in several
    archive = body_of(Api(user).get("/zip", paths="d"))
    assert MARK in archive
    assert not any(MARK in raw for raw in raw_objects(folder).values())


def test_no_file_and_no_address_is_handed_out(xor: Xor, user: User, folder: Pool) -> None:
    actor = actor_of(user)
    put(actor, "a.txt", os.urandom(IN_MEMORY + 1))
    assert store_at(folder.url).capabilities.local_path
    assert not storage_of(folder).capabilities.local_path
    answer = get(actor, "a.txt")
    assert not isinstance(answer, SliceResponse)
    assert not hasattr(answer, "file_to_stream")
    body_of(answer)
    version = locate_path(actor, "a.txt").node.version
    assert version is not None
    assert reader.local_slice(version.content_id, 0, 10) is None


def test_no_presigned_address_is_made(xor: Xor, user: User, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    able = Capabilities(presigned_get=True, presigned_put=True, checksum_enforced=True, local_path=True)
    monkeypatch.setattr(MemoryStorage, "capabilities", able)
    for name in ("presigned_get", "presigned_put", "local_path", "checksum"):
        monkeypatch.setattr(MemoryStorage, name, lambda *_, **__: pytest.fail("past the codec"))
    Pool.objects.filter(pk=pool.pk).update(redirect_downloads=True, direct_uploads=True)
    actor = actor_of(user)
    put(actor, "a.txt", MARK)
    answer = get(actor, "a.txt")
    assert (answer.status_code, body_of(answer)) == (200, MARK)
    upload = open_upload(actor, wanted=UploadOptions(Target("b.txt"), length=4))
    with pytest.raises(errors.DirectUploadUnavailable):
        permit_pieces(actor, upload_id=upload.pk, pieces=[DirectPiece(0, 4, hashlib.sha256(b"data").digest())])
    coded = storage_of(pool)
    assert coded.checksum("aa/bb/c") is None
    with pytest.raises(NotImplementedError):
        coded.local_path("aa/bb/c")
    with pytest.raises(NotImplementedError):
        coded.presigned_get("aa/bb/c", expires=timedelta(1), filename="c", content_type="text/plain")


def test_upkeep_reads_and_writes_through_it(xor: Xor, actor: Actor, pool: Pool) -> None:
    """Compaction of a pack of which a part is dead, collection, and the proof that the dead bytes are gone."""
    from files.actions.bulk_write import SmallFile, bulk_write
    from files.actions.write_file import WriteOptions

    data = {f"f{number}": MARK + os.urandom(200_000) for number in range(4)}
    bulk_write(actor, folder=Target(""), files=[SmallFile(path, each, WriteOptions()) for path, each in data.items()])
    gone = [locate_path(actor, path).node.pk for path in islice(data, 3)]
    trash_nodes(actor, node_ids=gone)
    empty_trash(actor)
    remove_purged_rows()
    for _ in range(3):
        long_ago = timezone.now() - timedelta(days=9)
        Content.objects.update(claimed_at=long_ago)
        Blob.objects.update(claimed_at=long_ago)
        Blob.objects.exclude(dead_since=None).update(dead_since=long_ago)
        gc.run_gc()
        compact.run_compact()
    assert bytes_at(actor, "f3") == data["f3"]
    (key,) = Blob.objects.filter(doomed_at=None).values_list("key", flat=True)
    assert Blob.objects.get(key=key).size == len(data["f3"])
    assert xor.decode(key, 0, raw_objects(pool)[key]) == data["f3"]
    Blob.objects.update(claimed_at=timezone.now() - timedelta(days=9))
    gc.run_gc()
    proof = prove(owner_id=actor.user_id)
    assert (proof.known, proof.remaining) == (3, [])


def test_a_dead_range_that_is_still_there_is_found(xor: Xor, actor: Actor, pool: Pool) -> None:
    """Also in quarantine, where the key is another one and the bytes are the same."""
    put(actor, "a.txt", MARK)
    (key,) = raw_objects(pool)
    trash_nodes(actor, node_ids=[locate_path(actor, "a.txt").node.pk])
    empty_trash(actor)
    remove_purged_rows()
    assert [left.key for left in prove(owner_id=actor.user_id).remaining] == [key]
    storage_of(pool).quarantine(key)
    assert [left.key for left in prove(owner_id=actor.user_id).remaining] == [f"quarantine/{key}"]
    storage_of(pool).release(key)
    with storage_of(pool).open(key) as opened:
        assert opened.read() == MARK


def test_a_storage_behind_a_codec_is_one_like_the_others(xor: Xor, pool: Pool) -> None:
    storage = storage_of(pool)
    assert isinstance(storage, CodedStorage)
    assert (storage.backend, repr(storage)) == ("memory", f"CodedStorage({store_at(pool.url)!r}, Xor)")
    assert storage.put("aa/bb/one", [MARK, memoryview(MARK)], size=2 * len(MARK)) == 2 * len(MARK)
    with pytest.raises(StorageError, match="refused"):
        storage.put("aa/bb/one", [MARK])
    with pytest.raises(StorageError, match="invalid_key"):
        storage.open("../x")
    storage.copy("aa/bb/one", "aa/bb/two")  # read and written anew, for the other key
    for key in ("aa/bb/one", "aa/bb/two"):
        with storage.open(key, 3, len(MARK)) as opened:
            assert (opened.read(5), opened.read()) == ((MARK + MARK)[3:8], (MARK + MARK)[8 : 3 + len(MARK)])
    raw = raw_objects(pool)
    assert raw["aa/bb/one"] != raw["aa/bb/two"]
    assert [info.key for info in storage.list()] == ["aa/bb/one", "aa/bb/two"]
    assert storage.exists("aa/bb/one")
    storage.delete_many(["aa/bb/one"])
    storage.delete("aa/bb/two")
    assert not storage.exists("aa/bb/one")
    assert list(storage.abandoned(timezone.now())) == []
    assert storage.sweep_abandoned(timezone.now()) == 0


# Who opens a store itself: to try out what it can do, or to see whether it answers. No blob is read or written there.
PAST_THE_CODEC = {
    "files/blobs/pools.py",
    "files/actions/pools.py",
    "dropbox_clone/health.py",
    "dropbox_clone/metrics/state_questions.py",
    "dropbox_clone/pool_checks.py",
    "dropbox_clone/start_checks.py",
    "storage/__init__.py",
    "storage/registry.py",
}


def test_nobody_opens_a_store_past_the_codec() -> None:
    found = {name_of(path) for path in SOURCES if re.search(r"\b(open_storage|store_at)\b", path.read_text())}
    assert found == PAST_THE_CODEC
    assert "codec" not in "".join(
        (ROOT / "storage" / path).read_text().lower() for path in os.listdir(ROOT / "storage") if path.endswith(".py")
    )
