"""A read that has begun waits for its store, for so long and no longer."""

import pytest

from files.blobs import resuming as module
from files.blobs.resuming import PATIENCE, open_patiently, resuming
from storage.base import ErrorCode, ObjectReader, StorageError

MIB = 1 << 20
CONTENT = bytes(range(251)) * 30_000


class Store:
    """`faults` in turn: a number of bytes after which a reader breaks, or None where it cannot be opened."""

    def __init__(self, *faults: int | None, code: ErrorCode = "unavailable") -> None:
        self.faults, self.code = iter(faults), code
        self.opened_at: list[int] = []
        self.open_readers = 0

    def __call__(self, start: int) -> ObjectReader:
        self.opened_at.append(start)
        fault = next(self.faults, len(CONTENT))
        if fault is None:
            raise StorageError(self.code)
        return Reader(self, start, fault)


class Reader(ObjectReader):
    def __init__(self, store: Store, start: int, left: int) -> None:
        self.store, self.at, self.left = store, start, left
        store.open_readers += 1

    def read(self, n: int = -1) -> bytes:
        if self.at < len(CONTENT) and self.left == 0:
            raise StorageError(self.store.code)
        piece = CONTENT[self.at : self.at + min(n, self.left)]
        self.at += len(piece)
        self.left -= len(piece)
        return piece

    def close(self) -> None:
        self.store.open_readers -= 1


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only sleeping moves."""
    pauses: list[float] = []
    monkeypatch.setattr(module.time, "monotonic", lambda: sum(pauses))
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    return pauses


def test_nothing_happens(slept: list[float]) -> None:
    store = Store()
    chunks = list(resuming(store, patience=PATIENCE))
    assert b"".join(chunks) == CONTENT
    assert max(map(len, chunks)) == MIB
    assert (store.opened_at, store.open_readers, slept) == ([0], 0, [])


def test_it_goes_on_where_it_was() -> None:
    store = Store(3 * MIB + 17, None, None, 5, 0)
    assert b"".join(resuming(store, store(0), patience=PATIENCE)) == CONTENT
    assert store.opened_at == [0, *[3 * MIB + 17] * 3, *[3 * MIB + 22] * 2]
    assert store.open_readers == 0


def test_it_gives_up(slept: list[float]) -> None:
    store = Store(MIB, *[None] * 1000)
    stream = resuming(store, patience=PATIENCE)
    assert next(stream) == CONTENT[:MIB]
    with pytest.raises(StorageError):
        next(stream)
    assert PATIENCE < sum(slept) < PATIENCE + 2
    assert store.open_readers == 0


def test_every_byte_begins_the_waiting_anew(slept: list[float]) -> None:
    away = [None] * int(PATIENCE)
    store = Store(MIB, *away, 1, *away, 1, *away)
    assert b"".join(resuming(store, patience=PATIENCE)) == CONTENT
    assert sum(slept) > PATIENCE * 1.4


def test_a_slow_client_does_not_use_it_up(slept: list[float]) -> None:
    store = Store(MIB, None, None)
    stream = resuming(store, patience=PATIENCE)
    read = next(stream)
    slept.append(3600)  # the client's
    assert read + b"".join(stream) == CONTENT


@pytest.mark.parametrize("code", ["not_found", "checksum_mismatch"])
def test_what_will_not_come_back_is_not_waited_for(code: ErrorCode, slept: list[float]) -> None:
    store = Store(MIB, None, code=code)
    with pytest.raises(StorageError) as caught:
        list(resuming(store, patience=PATIENCE))
    assert caught.value.code == code
    assert slept == []
    with pytest.raises(StorageError):
        open_patiently(Store(None, code=code), patience=PATIENCE)


def test_whoever_has_no_patience_hears_at_once(slept: list[float]) -> None:
    stream = resuming(Store(MIB, None), patience=0.0)
    assert next(stream) == CONTENT[:MIB]
    with pytest.raises(StorageError):
        next(stream)
    with pytest.raises(StorageError):
        open_patiently(Store(None), patience=0.0)
    assert slept == []


def test_whoever_stops_reading_closes_it() -> None:
    store = Store()
    stream = resuming(store, patience=PATIENCE)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert store.open_readers == 0


def test_opening_waits_as_well(slept: list[float]) -> None:
    with open_patiently(Store(None, None, None), patience=PATIENCE) as reader:
        assert reader.read(10) == CONTENT[:10]
    with pytest.raises(StorageError):
        open_patiently(Store(*[None] * 1000), patience=PATIENCE)
    assert PATIENCE < sum(slept) < PATIENCE + 4
