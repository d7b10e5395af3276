"""DATA_DIR and what is in it are their owner's only, also where they were not."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from common.file_urls import file_url
from dropbox_clone.configuration import read_configuration
from dropbox_clone.private_files import keep_private, public_files

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def _same_umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """As an earlier release, or `cp -r`, left it."""
    folder = tmp_path / "data"
    (folder / "blobs" / "ab").mkdir(parents=True)
    for name in ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "secret_key", "blobs/ab/object"):
        (folder / name).write_text("x")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def modes(folder: Path) -> set[str]:
    everything = [folder, *folder.rglob("*")]
    return {f"{stat.S_IMODE(path.lstat().st_mode):04o}" for path in everything}


def configuration(folder: Path, **more: str) -> object:
    return read_configuration({"DATA_DIR": str(folder), **more})


def test_what_is_open_is_mended_with_one_line(data_dir: Path, capfd: pytest.CaptureFixture[str]) -> None:
    keep_private(configuration(data_dir))  # type: ignore[arg-type]
    assert modes(data_dir) == {"0700", "0600"}
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1
    assert str(data_dir) in said[0]
    keep_private(configuration(data_dir))  # type: ignore[arg-type]
    assert capfd.readouterr().err == ""


def test_one_open_file_in_a_closed_folder_is_mended_too(data_dir: Path) -> None:
    keep_private(configuration(data_dir))  # type: ignore[arg-type]
    (data_dir / "db.sqlite3-wal").chmod(0o644)
    keep_private(configuration(data_dir))  # type: ignore[arg-type]
    assert modes(data_dir) == {"0700", "0600"}


@pytest.mark.parametrize("name", ["elsewhere.sqlite3", "else where %41#?ü.sqlite3"])
def test_a_database_elsewhere_is_mended(data_dir: Path, tmp_path: Path, name: str) -> None:
    database = tmp_path / name
    for path in (database, tmp_path / f"{name}-shm"):
        path.write_bytes(b"SQLite format 3\0 and more")
        path.chmod(0o644)
    keep_private(configuration(data_dir, DATABASE_URL=file_url("sqlite", database)))  # type: ignore[arg-type]
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / f"{name}-shm").stat().st_mode) == 0o600


def test_a_file_that_is_no_database_keeps_its_rights(data_dir: Path, tmp_path: Path) -> None:
    somebodys = tmp_path / "somebodys"
    somebodys.write_text("not a database")
    somebodys.chmod(0o644)
    keep_private(configuration(data_dir, DATABASE_URL=f"sqlite://{somebodys}"))  # type: ignore[arg-type]
    assert stat.S_IMODE(somebodys.stat().st_mode) == 0o644


def test_links_are_not_followed(data_dir: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    (data_dir / "link").symlink_to(outside)
    keep_private(configuration(data_dir))  # type: ignore[arg-type]
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_new_files_are_private_and_static_ones_are_not(tmp_path: Path) -> None:
    keep_private(configuration(tmp_path / "none yet"))  # type: ignore[arg-type]
    (tmp_path / "new").write_text("x")
    with public_files():
        (tmp_path / "static").write_text("x")
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "static")] == [0o600, 0o644]


def test_a_command_leaves_nothing_open(tmp_path: Path) -> None:
    """A whole installation, made by a process whose umask is the usual one."""
    folder = tmp_path / "data"
    environment = {**os.environ, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dropbox_clone.settings"}
    for name in ("STORAGE_URL", "DATABASE_URL", "TEST_DATABASE_URL", "EMAIL_URL", "SECRET_KEY"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "contenttypes", "--verbosity", "0"],
        cwd=ROOT,
        env=environment,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0
    assert (folder / "db.sqlite3").exists()
    assert modes(folder) == {"0700", "0600"}
