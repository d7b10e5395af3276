"""A migrated SQLite database, made once for each state of the migrations; products of the tests begin with a copy.

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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "prepared"


def copy_database(target: Path) -> None:
    """`target` is a new file. The first process of all makes the original, others wait for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    original = CACHE / f"{state_of_migrations()}.sqlite3"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not original.exists():
            for old in CACHE.glob("*.sqlite3"):
                old.unlink()
            _make(original)
        shutil.copyfile(original, target)


def state_of_migrations() -> str:
    """Changes whenever a migrated database could come out otherwise."""
    digest = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def _make(original: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder, "PYTHONPATH": str(ROOT)}
        for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "STORAGE_URL", "CACHE_URL", "BROKER_URL"):
            environment.pop(name, None)
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise RuntimeError(f"migrate failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        made = original.with_suffix(".new")
        made.unlink(missing_ok=True)
        connection = sqlite3.connect(f"{folder}/db.sqlite3")
        connection.execute("VACUUM INTO ?", [str(made)])  # without the write-ahead log
        connection.close()
        made.rename(original)
