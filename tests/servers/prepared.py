"""Migrated databases, made once for each state of the migrations; products and tests begin with a copy.

What `manage.py prepare` does from nothing takes five seconds of processor time, and there are dozens of products.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.cluster.postgresql import binary

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "prepared"


def copy_database(target: Path) -> None:
    """`target` is a new file of SQLite."""
    with _original(".sqlite3", _make_sqlite) as original:
        shutil.copyfile(original, target)


def fill_postgresql(url: str) -> None:
    """The database at `url` is empty."""

    def make(dump: Path) -> None:
        _migrate({"DATABASE_URL": url})
        _run([binary("pg_dump"), "--no-owner", "--file", str(dump), url])
        made_here.append(dump)

    made_here: list[Path] = []
    with _original(".sql", make) as original:
        if not made_here:
            quiet = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
            _run([binary("psql"), *quiet, "--output", os.devnull, "--file", str(original), url])


@contextmanager
def _original(suffix: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """The first process of all makes it, others wait for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    original = CACHE / f"{state_of_migrations()}{suffix}"
    with (CACHE / f"lock{suffix}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not original.exists():
            for old in CACHE.glob(f"*{suffix}"):
                if not old.name.startswith("lock"):
                    old.unlink()
            made = original.with_suffix(".new")
            made.unlink(missing_ok=True)
            make(made)
            made.rename(original)
    yield original


def state_of_migrations() -> str:
    """Changes whenever a migrated database could come out otherwise."""
    digest = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def _make_sqlite(made: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _migrate({"DATA_DIR": folder})
        connection = sqlite3.connect(f"{folder}/db.sqlite3")
        connection.execute("VACUUM INTO ?", [str(made)])  # without the write-ahead log
        connection.close()


def _migrate(variables: dict[str, str]) -> None:
    foreign = ("DATABASE_URL", "TEST_DATABASE_URL", "DJANGO_SETTINGS_MODULE", "STORAGE_URL", "CACHE_URL", "BROKER_URL")
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    with tempfile.TemporaryDirectory() as folder:
        own = {"DATA_DIR": folder, "PYTHONPATH": str(ROOT), "SECRET_KEY": "k" * 50, **variables}
        _run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"], {**environment, **own})


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
