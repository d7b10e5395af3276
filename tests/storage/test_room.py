"""A floor of free disk that no writer takes, alone or with others. The disk is pretended."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings

from storage import StorageError, room
from storage.local import LocalStorage
from storage.room import STEP
from tests.conformance.objects import MIB, new_key

GIB = 1 << 30


class Disk:
    """A folder on a disk of which `total` bytes are free when it is empty."""

    def __init__(self, root: Path, total: int) -> None:
        self.root, self.total = root, total
        self.lowest = total

    def used(self) -> int:
        found = 0
        for folder, _, names in os.walk(self.root):
            for name in names:
                try:
                    found += os.stat(f"{folder}/{name}").st_size
                except FileNotFoundError:
                    continue
        return found

    def statvfs(self, _path: str) -> SimpleNamespace:
        free = self.total - self.used()
        self.lowest = min(self.lowest, free)
        return SimpleNamespace(f_bavail=free, f_frsize=1)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk(tmp_path / "objects", 200 * MIB)
    monkeypatch.setattr(room.os, "statvfs", disk.statvfs)
    room.keep_free(100 * MIB)
    yield disk
    room.keep_free(settings.FREE_DISK_FLOOR)


@pytest.fixture
def storage(disk: Disk) -> LocalStorage:
    return LocalStorage(str(disk.root))


def body(size: int, seen: Callable[[int], None] = lambda done: None) -> Iterator[bytes]:
    for done in range(0, size, MIB):
        seen(done)
        yield bytes(min(MIB, size - done))


def refused(storage: LocalStorage, size: int, *, announced: bool = True) -> list[int]:
    """The places at which bytes were asked for."""
    asked: list[int] = []
    with pytest.raises(StorageError) as caught:
        storage.put(new_key(), body(size, asked.append), announced=size if announced else None)
    assert caught.value.code == "no_space"
    return asked


def test_what_would_pass_the_floor_is_not_read(storage: LocalStorage, disk: Disk) -> None:
    assert refused(storage, 101 * MIB) == []
    storage.put(new_key(), body(100 * MIB), size=100 * MIB)
    assert refused(storage, 1) == []
    assert refused(storage, 1, announced=False) == []
    assert disk.used() == 100 * MIB


def test_what_is_not_announced_stops_at_the_floor(storage: LocalStorage, disk: Disk) -> None:
    asked = refused(storage, 400 * MIB, announced=False)
    assert 80 * MIB <= max(asked) <= 100 * MIB
    assert disk.used() == 0


def test_what_others_have_announced_is_theirs(storage: LocalStorage, disk: Disk) -> None:
    def beside(done: int) -> None:
        if done == 40 * MIB:
            assert refused(storage, 11 * MIB) == []
            assert refused(storage, 1024 * 1024 * 10 + 1) == []
            storage.put(new_key(), body(10 * MIB), size=10 * MIB)

    storage.put(new_key(), body(90 * MIB, beside), size=90 * MIB)
    assert disk.used() == 100 * MIB


def test_who_announces_the_disk_and_sends_little_stops_nobody(storage: LocalStorage, disk: Disk) -> None:
    disk.total = 100 * GIB

    def beside(done: int) -> None:
        if done == 20 * MIB:
            storage.put(new_key(), body(10 * MIB), size=10 * MIB, announced=10 * MIB)

    storage.put(new_key(), body(40 * MIB, beside), announced=99 * GIB)
    assert disk.used() == 50 * MIB


def test_a_disk_that_somebody_else_fills_stops_who_writes(storage: LocalStorage, disk: Disk) -> None:
    def fill(done: int) -> None:
        if done == 40 * MIB:
            disk.total -= 50 * MIB

    asked: list[int] = []
    with pytest.raises(StorageError):
        storage.put(new_key(), body(90 * MIB, lambda done: (asked.append(done), fill(done))[1]), size=90 * MIB)
    assert max(asked) <= 40 * MIB + STEP
    assert disk.used() == 0


def test_what_a_killed_writer_has_announced_is_forgotten(storage: LocalStorage, disk: Disk) -> None:
    left = disk.root / ".tmp" / "aa.bb.w-1.0123456789abcdef.size104857600"
    left.touch()
    assert refused(storage, MIB) == []
    old = time.time() - 601
    os.utime(left, (old, old))
    storage.put(new_key(), body(MIB), size=MIB)
    for name in ("aa.bb.w-1.0123456789abcdef", "aa.bb.w-1.1111111111111111", "x.sizeable"):  # as before this release
        (disk.root / ".tmp" / name).touch()
    storage.put(new_key(), body(MIB), size=MIB)


@pytest.mark.parametrize("announced", [True, False])
def test_many_at_once_never_pass_the_floor(storage: LocalStorage, disk: Disk, announced: bool) -> None:
    together, outcomes = threading.Barrier(12), list[str]()

    def write() -> None:
        together.wait(30)
        try:
            storage.put(new_key(), body(30 * MIB), announced=30 * MIB if announced else None)
            outcomes.append("stored")
        except StorageError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=write) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(outcomes) <= {"stored", "no_space"}
    assert "no_space" in outcomes
    assert disk.lowest >= 100 * MIB
    assert disk.used() <= 100 * MIB


def test_small_objects_count_as_well(storage: LocalStorage, disk: Disk) -> None:
    for _ in range(100 * MIB // 500_000):
        storage.put(new_key(), [bytes(500_000)], size=500_000)
    assert refused(storage, 500_000) == []
