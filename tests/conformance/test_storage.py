"""What every backend must do alike."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from storage import Storage, StorageError
from storage.probe import probe
from tests.conformance.conftest import FULL_S3_BACKENDS, in_their_group
from tests.conformance.objects import MIB, content_of, in_chunks, keys, left_behind, new_key, read

SIZES = [0, 1, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 8 * MIB, 8 * MIB + 1, 20 * MIB + 3]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "unannounced"])
def test_bytes_come_back(storage: Storage, size: int, announced: bool) -> None:
    key, content = new_key(), content_of(size)
    assert storage.put(key, in_chunks(content), size=size if announced else None) == size
    assert storage.size(key) == size
    assert storage.exists(key)
    with storage.open(key) as reader:
        digest = hashlib.sha256()
        for chunk in reader:
            assert chunk
            digest.update(chunk)
    assert digest.digest() == hashlib.sha256(content).digest()


def test_a_buffer_may_be_reused_between_chunks(storage: Storage) -> None:
    key, content, buffer = new_key(), content_of(9 * MIB), bytearray(70_000)

    def chunks():  # type: ignore[no-untyped-def]
        for start in range(0, len(content), len(buffer)):
            piece = content[start : start + len(buffer)]
            buffer[: len(piece)] = piece
            yield memoryview(buffer)[: len(piece)]

    storage.put(key, chunks())
    assert read(storage, key) == content


def test_empty_chunks_are_nothing(storage: Storage) -> None:
    key = new_key()
    assert storage.put(key, [b"", b"ab", b"", memoryview(b""), b"c", b""]) == 3
    assert read(storage, key) == b"abc"


@pytest.mark.parametrize(
    ("offset", "length"),
    [
        (0, 1), (0, 0), (1, 1), (99_999, 2), (0, None), (5 * MIB, None), (5 * MIB, MIB + 7),
        (9 * MIB - 1, 1), (9 * MIB - 1, None), (9 * MIB - 1, 500), (9 * MIB, None), (9 * MIB, 1), (20 * MIB, 5),
    ],
)  # fmt: skip
def test_ranges(storage: Storage, offset: int, length: int | None) -> None:
    key, content = new_key(), content_of(9 * MIB)
    storage.put(key, [content])
    expected = content[offset:] if length is None else content[offset : offset + length]
    assert read(storage, key, offset, length) == expected


def test_a_range_of_an_empty_object_is_empty(storage: Storage) -> None:
    key = new_key()
    storage.put(key, [])
    assert read(storage, key) == read(storage, key, 0, 10) == read(storage, key, 5) == b""


def test_a_reader_gives_exactly_what_was_asked(storage: Storage) -> None:
    key, content = new_key(), content_of(3 * MIB)
    storage.put(key, [content])
    with storage.open(key, 10, 2 * MIB) as reader:
        assert reader.read(0) == b""
        assert reader.read(7) == content[10:17]
        assert reader.read(MIB + 1) == content[17 : 18 + MIB]
        assert reader.read(50 * MIB) == content[18 + MIB : 10 + 2 * MIB]
        assert reader.read(1) == reader.read() == b""
    reader.close()  # once more does no harm


def test_a_negative_range_is_a_mistake_of_the_caller(storage: Storage) -> None:
    with pytest.raises(ValueError, match="negative"):
        storage.open(new_key(), -1)


def test_missing_objects(storage: Storage) -> None:
    key = new_key()
    assert not storage.exists(key)
    for act in (storage.size, storage.open, storage.quarantine, storage.release):
        with pytest.raises(StorageError) as caught:
            act(key)
        assert caught.value.code == "not_found"
    for range_ in ((0, 0), (5, 5), (5, None)):
        with pytest.raises(StorageError) as caught:
            storage.open(key, *range_)
        assert caught.value.code == "not_found"
    storage.delete(key)
    storage.delete_many([key, new_key()])


@pytest.mark.parametrize("size", [5, 9 * MIB])
def test_an_existing_key_is_refused_and_stays_what_it_was(storage: Storage, size: int) -> None:
    key, content = new_key(), content_of(size)
    storage.put(key, [content])
    with pytest.raises(StorageError) as caught:
        storage.put(key, [content[::-1]])
    assert caught.value.code == "refused"
    assert read(storage, key) == content
    storage.delete(key)
    assert left_behind(storage) == []


def test_of_two_writers_of_one_key_one_wins_whole(storage: Storage) -> None:
    """Only where the backend itself refuses; elsewhere the nonce in each key keeps writers apart."""
    if not storage.capabilities.conditional_put:
        pytest.skip("the backend has no conditional put")
    for _ in range(5):
        key, contents = new_key(), [bytes([number]) * 300_000 for number in range(6)]

        def write(content: bytes, key: str = key) -> str:
            try:
                storage.put(key, in_chunks(content, 50_000))
            except StorageError as error:
                return error.code
            return "written"

        with ThreadPoolExecutor(len(contents)) as pool:
            results = list(pool.map(write, contents))
        assert sorted(results) == ["refused"] * 5 + ["written"]
        assert read(storage, key) == contents[results.index("written")]


def test_delete(storage: Storage) -> None:
    key, other = new_key(), new_key()
    storage.put(key, [b"x"])
    storage.put(other, [b"y"])
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    assert keys(storage) == [other]


def test_delete_many(storage: Storage) -> None:
    gone, stays = [new_key() for _ in range(30)], new_key()
    for key in [*gone, stays]:
        storage.put(key, [b"x"])
    storage.delete_many([*gone, new_key()])
    storage.delete_many([])
    assert keys(storage) == [stays]


def test_concurrent_puts_of_different_keys(storage: Storage) -> None:
    contents = {new_key(): content_of(size) for size in [*range(0, 300_000, 10_000), 9 * MIB, 9 * MIB + 1]}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: storage.put(key, in_chunks(contents[key])), contents))
        found = dict(zip(contents, pool.map(lambda key: read(storage, key), contents), strict=True))
    assert found == contents
    assert keys(storage) == sorted(contents)
    storage.delete_many(list(contents))
    assert left_behind(storage) == []


def test_list_tells_key_size_and_time(storage: Storage) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    key = new_key()
    storage.put(key, [b"twelve bytes"])
    (found,) = storage.list()
    assert (found.key, found.size) == (key, 12)
    assert found.modified.utcoffset() == timedelta(0)
    assert before <= found.modified <= datetime.now(UTC) + timedelta(seconds=2)


@pytest.mark.timeout(300)  # a thousand objects take Swift a while
def test_list_is_in_key_order_and_paged(storage: Storage, backend: str) -> None:
    # More than one page of 1000; the emulators are too slow for that.
    count = {"local": 2345, "memory": 2345, "google": 60, "azure": 60}.get(backend, 1105)
    names = [new_key() for _ in range(count - 5)]
    names += ["ab/cd/x", "ab/cd/x-1", "ab/cd/x.1", "ab/cd/x_1", "ab/cd/X"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: storage.put(key, [b"x"]), names))
    names.sort()
    assert keys(storage) == names
    middle = names[count // 2]
    assert keys(storage, after=middle) == names[count // 2 + 1 :]
    assert keys(storage, after=names[-1]) == []
    for prefix in ("ab/cd/", "ab/cd/x", "ab", "a", middle[:4], middle, "ff/ff/nothing"):
        wanted = [key for key in names if key.startswith(prefix)]
        assert keys(storage, prefix) == wanted
        assert keys(storage, prefix, after=middle) == [key for key in wanted if key > middle]
    storage.delete_many(names)
    assert keys(storage) == []


def test_list_is_lazy_enough_to_delete_while_walking(storage: Storage) -> None:
    for _ in range(20):
        storage.put(new_key(), [b"x"])
    for found in storage.list():
        storage.delete(found.key)
    assert keys(storage) == []


def test_quarantine_hides_and_release_brings_back(storage: Storage) -> None:
    key, other = new_key(), new_key()
    storage.put(key, [b"orphan"])
    storage.put(other, [b"not an orphan"])
    storage.quarantine(key)
    assert not storage.exists(key)
    assert keys(storage) == [other]
    assert keys(storage, "q") == []
    assert keys(storage, "quarantine/") == [f"quarantine/{key}"]
    assert read(storage, f"quarantine/{key}") == b"orphan"
    storage.release(key)
    assert read(storage, key) == b"orphan"
    assert keys(storage, "quarantine/") == []
    storage.quarantine(key)
    storage.delete(f"quarantine/{key}")
    assert left_behind(storage) == [other]


def test_copy(storage: Storage) -> None:
    source, target, content = new_key(), new_key(), content_of(9 * MIB)
    storage.put(source, [content])
    storage.copy(source, target)
    storage.delete(source)
    assert read(storage, target) == content
    with pytest.raises(StorageError) as caught:
        storage.copy(target, target)
    assert caught.value.code == "refused"
    with pytest.raises(StorageError) as caught:
        storage.copy(source, new_key())
    assert caught.value.code == "not_found"


def test_checksum_is_the_objects_or_none(storage: Storage) -> None:
    for size in (0, 100, 9 * MIB):
        key, content = new_key(), content_of(size)
        storage.put(key, [content])
        assert storage.checksum(key) in (None, hashlib.sha256(content).digest())


def test_a_probe_finds_what_the_storage_says_and_leaves_nothing(storage: Storage) -> None:
    assert probe(storage) == storage.capabilities
    assert left_behind(storage) == []


def test_local_path(storage: Storage) -> None:
    if not storage.capabilities.local_path:
        pytest.skip("not a local backend")
    key = new_key()
    storage.put(key, [b"on this machine"])
    with open(storage.local_path(key), "rb") as file:
        assert file.read() == b"on this machine"


@pytest.mark.parametrize("backend", in_their_group(FULL_S3_BACKENDS), indirect=True)
def test_what_these_servers_can_do_is_found(storage: Storage) -> None:
    """A capability that the probe no longer finds is given up silently: nothing else here would fail."""
    assert storage.capabilities.conditional_put
    assert storage.capabilities.checksum_enforced
