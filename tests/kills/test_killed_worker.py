"""kill -9 of the job worker in the middle of a purge of 20,000 nodes (`PURGED_FILES`) and of the collection of their
bytes.

Afterwards the next worker finishes both, and fsck finds nothing wrong, neither in between nor at the end.
"""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.prepared import copy_database
from tests.servers.process import ServerProcess
from tests.servers.product import _OWN, ROOT

WORKER = ["-m", "celery", "-A", "dropbox_clone", "worker", "--clock", "--pool=threads", "--concurrency=2"]
FILES = int(os.environ.get("PURGED_FILES", "20000"))
PATIENCE = 120.0  # seconds until a worker must have gone on


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if name not in _OWN}
        own = {"PYTHONPATH": str(ROOT), "DATA_DIR": str(folder / "data"), "LOG_LEVEL": "INFO", "EMAIL_URL": "memory:"}
        settings = {"DJANGO_SETTINGS_MODULE": "tests.kills.worker_settings"}
        self.environment = {**inherited, **own, **settings}
        (folder / "data").mkdir()
        copy_database(folder / "data" / "db.sqlite3")
        self.starts = 0
        self.worker: ServerProcess | None = None

    def run(self, *arguments: str, may_fail: bool = False) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert may_fail or done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return done

    def start(self) -> None:
        self.starts += 1
        folder = self.folder / f"worker{self.starts}"
        folder.mkdir()
        self.worker = ServerProcess([sys.executable, *WORKER, "--loglevel=INFO"], folder, self.environment)

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.stop()

    def kill(self) -> None:
        assert self.worker is not None
        self.worker.kill()

    def count(self, table: str, where: str = "1 = 1") -> int:
        connection = sqlite3.connect(f"file:{self.folder}/data/db.sqlite3?mode=ro", uri=True, timeout=30)
        try:
            return int(connection.execute(f"SELECT COUNT(*) FROM {table} WHERE {where}").fetchone()[0])
        finally:
            connection.close()

    def make_due(self, job: str) -> None:
        """It ran when there was nothing to do yet; now it is overdue."""
        connection = sqlite3.connect(self.folder / "data" / "db.sqlite3", timeout=30)
        with connection:
            connection.execute("UPDATE files_job SET succeeded_at = NULL WHERE name = ?", [job])
        connection.close()

    def wait(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > deadline:
                assert self.worker is not None
                raise AssertionError(self.worker.log.read_text(errors="replace")[-3000:])
            time.sleep(0.02)

    def fsck(self, *options: str) -> None:
        done = self.run("manage.py", "fsck", *options, may_fail=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.run("-m", "tests.kills.purged_world")
    yield world
    world.stop()


def kill_while_it_shrinks(world: World, table: str, *, until: int) -> list[int]:
    """Kills and starts the worker again and again while rows of `table` go; the counts at the kills."""
    counts = []
    left = world.count(table)
    while left > until and len(counts) < 2:
        world.start()
        goal = left - random.randrange(300, 2_500)
        world.wait(lambda goal=goal: world.count(table) <= goal)  # type: ignore[misc]
        world.kill()
        left = world.count(table)
        counts.append(left)
        world.fsck()
    return counts


@pytest.mark.timeout(600)
def test_purge_and_collection_survive_kill_9(world: World) -> None:
    assert world.count("files_node") > FILES
    purge_kills = kill_while_it_shrinks(world, "files_node", until=2_000)
    assert any(2 < left < FILES for left in purge_kills), "killed in the middle"
    world.start()
    world.wait(lambda: world.count("files_node") == 2)
    world.kill()
    world.make_due("gc")
    gc_kills = kill_while_it_shrinks(world, "files_content", until=2_000)
    assert any(1 < left < FILES for left in gc_kills) or world.count("files_content") == 1
    world.start()
    world.wait(lambda: world.count("files_blob") == 1 and world.count("files_content") == 1)
    # Not until nothing runs: on a slow machine jobs that are due every second always do.
    world.wait(lambda: world.count("files_jobrun", "job_id = 'purge' AND state = 'lost'") >= 1)
    world.wait(lambda: world.count("files_jobrun", "job_id = 'gc' AND state = 'done'") >= 1)
    world.stop()
    world.fsck("--hash")
    objects = [path for path in (world.folder / "data" / "blobs").glob("??/??/*") if path.is_file()]
    assert len(objects) == 1, "only what is kept is left"
