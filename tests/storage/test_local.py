"""What only a local folder must do: survive power cuts and full disks, and let nobody else read."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from storage import StorageConfigurationError, StorageError, durable
from storage.local import LocalStorage
from storage.room import keep_free
from tests.conformance.objects import MIB, in_chunks, left_behind, new_key, read


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    return LocalStorage(str(root))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of four MiB; needs the right to mount, the tests with a pretended full disk do not."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small tmpfs: {mounted.stderr.decode().strip()}")
    keep_free(0)
    yield folder
    keep_free(settings.FREE_DISK_FLOOR)
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("announced", [True, False])
def test_a_really_full_disk(small_disk: Path, announced: bool) -> None:
    storage = LocalStorage(str(small_disk / "objects"))
    kept = new_key()
    storage.put(kept, [bytes(MIB)])
    with pytest.raises(StorageError) as caught:
        storage.put(new_key(), in_chunks(bytes(6 * MIB)), size=6 * MIB if announced else None)
    assert caught.value.code == "no_space"
    assert left_behind(storage) == [kept]
    assert read(storage, kept) == bytes(MIB)
    storage.put(new_key(), [bytes(2 * MIB)])  # the space of the failed one is free again


def test_what_cannot_fit_is_refused_before_its_first_byte(storage: LocalStorage) -> None:
    def chunks() -> Iterator[bytes]:
        pytest.fail("a byte was asked for")
        yield b""

    with pytest.raises(StorageError) as caught:
        storage.put(new_key(), chunks(), size=1 << 60)
    assert caught.value.code == "no_space"


@pytest.mark.parametrize("call", ["open", "write", "fsync", "link", "mkdir"])
@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "no_space"), (errno.EDQUOT, "no_space"), (errno.EIO, "unavailable"), (errno.EROFS, "unavailable")],
)
def test_a_call_that_fails(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: str
) -> None:
    key = new_key()

    def fail(*arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(durable.os, call, fail)
        with pytest.raises(StorageError) as caught:
            storage.put(key, [b"x"])
    assert caught.value.code == code
    assert str(storage._root) not in str(caught.value)
    assert left_behind(storage) == []
    storage.put(key, [b"x"])


def test_a_directory_that_cannot_be_synced_leaves_nothing_visible(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    key = new_key()
    monkeypatch.setattr(durable.os, "fsync", only_files)
    with pytest.raises(StorageError):
        storage.put(key, [b"x"])
    assert not storage.exists(key)
    assert left_behind(storage) == []


def test_short_writes_are_continued(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    real, key, content = os.write, new_key(), os.urandom(10_000)
    monkeypatch.setattr(durable.os, "write", lambda descriptor, data: real(descriptor, memoryview(data)[:1000]))
    assert storage.put(key, [content]) == 10_000
    assert read(storage, key) == content


def test_bytes_are_durable_before_their_name_and_the_name_before_the_answer(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    real_fsync, real_link = os.fsync, os.link

    def fsync(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        events.append("file" if "/.tmp/" in path else os.path.relpath(path, root))
        real_fsync(descriptor)

    def link(source: str, target: str) -> None:
        events.append("name")
        real_link(source, target)

    monkeypatch.setattr(durable.os, "fsync", fsync)
    monkeypatch.setattr(durable.os, "link", link)
    storage.put("ab/cd/first", [b"x"])
    assert events == ["file", "name", "ab/cd", "ab", "."]
    events.clear()
    storage.put("ab/cd/second", [b"x"])
    assert events == ["file", "name", "ab/cd"]
    events.clear()
    storage.put("ab/ef/third", [b"x"])
    assert events == ["file", "name", "ab/ef", "ab", "."]


def test_nobody_trusts_a_folder_whose_parent_is_not_synced_yet(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second writer into a folder that a first one has just made syncs the parents itself."""
    first_is_in_parent, second_is_done = threading.Event(), threading.Event()
    real, synced_by_second = os.fsync, []

    def fsync(descriptor: int) -> None:
        path = os.path.relpath(os.readlink(f"/proc/self/fd/{descriptor}"), root)
        if threading.current_thread().name == "first":
            if path == "ab":
                first_is_in_parent.set()
                assert second_is_done.wait(10)
        else:
            synced_by_second.append(path)
        real(descriptor)

    monkeypatch.setattr(durable.os, "fsync", fsync)
    first = threading.Thread(target=storage.put, args=("ab/cd/first", [b"x"]), name="first")
    first.start()
    assert first_is_in_parent.wait(10)
    storage.put("ab/cd/second", [b"x"])
    second_is_done.set()
    first.join()
    assert synced_by_second[-3:] == ["ab/cd", "ab", "."]


def test_files_and_folders_are_the_owners_only(storage: LocalStorage, root: Path) -> None:
    old = os.umask(0)
    try:
        storage.put("ab/cd/x", [b"x"])
    finally:
        os.umask(old)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}
    assert {path.relative_to(root).as_posix(): oct(mode) for path, mode in modes.items()} == {
        ".": "0o700",
        ".tmp": "0o700",
        "ab": "0o700",
        "ab/cd": "0o700",
        "ab/cd/x": "0o600",
    }


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_file_system_without_hard_links(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def no_links(source: str, target: str) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(durable.os, "link", no_links)
    key = new_key()
    storage.put(key, [b"renamed instead"])
    with pytest.raises(StorageError) as caught:
        storage.put(key, [b"must not replace it"])
    assert caught.value.code == "refused"
    assert read(storage, key) == b"renamed instead"
    storage.delete(key)
    assert left_behind(storage) == []


def test_a_symbolic_link_is_not_followed(storage: LocalStorage, root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("somebody else's")
    storage.put("ab/cd/x", [b"x"])
    (root / "ab/cd/link").symlink_to(tmp_path / "secret")
    with pytest.raises(StorageError):
        storage.open("ab/cd/link")


def test_a_folder_that_vanished_is_made_again(storage: LocalStorage, root: Path) -> None:
    storage.put("ab/cd/x", [b"x"])
    (root / "ab/cd/x").unlink()
    (root / "ab/cd").rmdir()
    with pytest.raises(StorageError) as caught:
        storage.put("ab/cd/x", [b"x"])
    assert caught.value.code == "unavailable"
    storage.put("ab/cd/x", [b"x"])
    assert read(storage, "ab/cd/x") == b"x"


def test_a_file_that_shrinks_under_a_reader_is_an_error(storage: LocalStorage, root: Path) -> None:
    storage.put("ab/cd/x", [b"0123456789"])
    with storage.open("ab/cd/x") as reader:
        os.truncate(root / "ab/cd/x", 5)
        with pytest.raises(StorageError) as caught:
            reader.read()
    assert caught.value.code == "unavailable"


def test_a_reader_keeps_what_it_opened(storage: LocalStorage) -> None:
    storage.put("ab/cd/x", [b"0123456789"])
    with storage.open("ab/cd/x") as reader:
        storage.delete("ab/cd/x")
        assert reader.read() == b"0123456789"
    with pytest.raises(ValueError, match="closed"):
        reader.read(1)


def test_readers_leave_no_descriptor_open(storage: LocalStorage) -> None:
    storage.put("ab/cd/x", [b"0123456789"])
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        storage.open("ab/cd/x").read(1)  # a caller that forgets to close
        with pytest.raises(RuntimeError):
            storage.put("ab/cd/y", _failing())
    assert len(os.listdir("/proc/self/fd")) == before


def _failing() -> Iterator[bytes]:
    yield b"x"
    raise RuntimeError


def test_strangers_in_the_folder_are_not_objects(storage: LocalStorage, root: Path) -> None:
    storage.put("ab/cd/x", [b"x"])
    (root / "README").write_text("not ours")
    (root / "ab/notes").write_text("not ours")
    (root / "ab/cd/.nfs0001").write_text("not ours")
    (root / "lost+found").mkdir()
    assert [found.key for found in storage.list()] == ["ab/cd/x"]


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(StorageConfigurationError) as caught:
        LocalStorage(str(tmp_path / "file" / "objects"))
    assert len(str(caught.value).splitlines()) == 1
