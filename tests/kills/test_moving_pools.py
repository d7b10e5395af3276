"""Everything moves from a folder to S3, to another S3, and back, while clients are at work and the mover is killed.

No client sees an error; every byte is there; nothing stays in a pool that was left. `MOVE_KILLS` (default 1) is how
often the mover is killed on each way, `MOVE_RATE` (bytes a second, default 15MB) how fast it may be until then,
`MOVE_FILES` (default 200) how many files there are in the beginning, `CHAOS_SEED` which moments.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from storage.registry import open_storage
from tests.kills.client import Client, sha
from tests.kills.test_killed_processes import Load
from tests.servers import seaweedfs
from tests.servers.product import ROOT, Account, Product, start_product
from tests.servers.s3 import S3Server

KILLS = int(os.environ.get("MOVE_KILLS", "1"))
RATE = os.environ.get("MOVE_RATE", "15MB")
FILES = int(os.environ.get("MOVE_FILES", "200"))
SEED = int(os.environ.get("CHAOS_SEED", str(random.randrange(10**6))))
CLIENTS = 2
PAUSE = 0.1  # seconds
MOST = 200  # files of a client from which on it copies no more folders: each is looked at in the end
GRACE = 3  # seconds: no answer of these clients takes longer


class StrictClient(Client):
    """Nothing of what it sees is killed, so nothing may go unanswered. It leaves the mover some of the machine."""

    def step(self) -> None:
        super().step()
        time.sleep(PAUSE)

    def copy_folder(self) -> None:
        if len(self.files) < MOST:
            super().copy_folder()

    def data(self) -> bytes:
        return self.random.randbytes(self.random.choice([0, 100, 5_000, 300_000]))

    def ask(self, method: str, path: str, **arguments: object) -> requests.Response:
        answer = requests.request(method, self.url + path, headers=self.headers, timeout=30, **arguments)  # type: ignore[arg-type]
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer


class Reader(Load):
    """Reads the same files again and again, whole and in parts, from wherever they are."""

    def __init__(self, product: Product, account: Account, files: dict[str, bytes], stop: threading.Event) -> None:
        super().__init__(StrictClient(product.base_url, account.token, 99, SEED), stop)
        self.known, self.count = files, 0

    def run(self) -> None:
        chance = random.Random(SEED)
        try:
            while not self.stop_event.is_set():
                path = chance.choice(sorted(self.known))
                data = self.known[path]
                first = chance.randrange(len(data))
                answer = self.client.ask("GET", f"/content/{path}")
                assert sha(answer.content) == sha(data), path
                part = requests.get(
                    f"{self.client.url}/content/{path}",
                    headers={**self.client.headers, "Range": f"bytes={first}-"},
                    timeout=30,
                )
                assert part.content == data[first:], path
                self.count += 1
                time.sleep(PAUSE / 2)
        except BaseException as error:
            self.error = error
            self.stop_event.set()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[S3Server, S3Server]]:
    """Two buckets of one server."""
    first = seaweedfs.start(tmp_path_factory.mktemp("seaweedfs"))
    second = replace(first, bucket="second")
    second.create_bucket()
    yield first, second
    first.stop()


def mover(product: Product, source: str, target: str, *, rate: str = "none") -> "subprocess.Popen[bytes]":
    environment = {
        **product.environment,
        "DJANGO_SETTINGS_MODULE": "tests.kills.worker_settings",
        "MOVE_BANDWIDTH": rate,
    }
    command = [sys.executable, str(ROOT / "manage.py"), "pool", "move", source, target, "--wait"]
    with (product.folder / "mover.log").open("ab") as log:
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, cwd=ROOT)


def move(product: Product, source: str, target: str, chance: random.Random, stop: threading.Event) -> int:
    """Returns how many movers were killed at work."""
    killed = 0
    for _ in range(KILLS):
        process = mover(product, source, target, rate=RATE)
        assert process.stdout is not None
        process.stdout.readline()  # it begins to work
        time.sleep(chance.uniform(0, 1.5))
        killed += process.poll() is None
        process.kill()
        process.communicate()
        if stop.is_set():
            return killed
    last = mover(product, source, target)
    output, _ = last.communicate(timeout=300)
    assert last.returncode == 0, (product.folder / "mover.log").read_text()[-3000:]
    print(output.decode().splitlines()[-1])
    return killed


def prepare(product: Product, account: Account) -> dict[str, bytes]:
    """Files that nobody changes: small ones in packs, larger ones, one of pieces."""
    chance, files = random.Random(SEED), {}
    for start in range(0, FILES, 50):
        bulk = {
            f"kept/{number}": chance.randbytes(chance.choice([10, 2000, 20_000])) for number in range(start, start + 50)
        }
        parts = [(f"/{path}", ("part", data)) for path, data in bulk.items()]
        answer = requests.post(f"{product.base_url}/api/v1/bulk", files=parts, headers=account.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        files |= bulk
    for number in range(12):
        files[f"kept/large{number}"] = data = chance.randbytes(4_000_000)
        url = f"{product.base_url}/api/v1/content/kept/large{number}"
        assert requests.put(url, data=data, headers=account.headers, timeout=60).status_code == 201
    return files


def settle(product: Product) -> None:
    """What is over is removed: as the worker would do it in the next minutes, the next night, and a week later (what
    a server still wrote for a mover that was killed is in quarantine for so long). Nobody writes now.
    """
    code = (
        "from datetime import timedelta; from files.maintenance.gc import run_gc; "
        "from files.maintenance.moving import run_move; from files.models import QuarantinedObject; "
        "from common.clock import now; run_move(); run_gc(grace=timedelta(0)); "
        "QuarantinedObject.objects.update(found_at=now() - timedelta(days=8))"
    )
    for _ in range(3):
        time.sleep(GRACE + 0.5)
        product.manage("shell", "-c", code)


@pytest.mark.timeout(1800)
def test_pools_move_under_load_with_kill_9(tmp_path: Path, servers: tuple[S3Server, S3Server]) -> None:
    print(f"CHAOS_SEED={SEED}")
    chance, stop = random.Random(SEED), threading.Event()
    folder = tmp_path / "blobs"
    urls = {"default": folder.as_uri(), "one": servers[0].url("pools/"), "two": servers[1].url()}
    own = {"STORAGE_URL": urls["default"], "MOVE_GRACE": f"{GRACE}s", "BRAKE": "off"}  # few clients change very much
    with start_product(tmp_path, **own) as product:
        account = product.create_account("ada@example.com")
        files = prepare(product, account)
        for name in ("one", "two"):
            product.manage("pool", "add", name, "-", input_text=urls[name])
            product.manage("pool", "readonly", name)
        clients = [StrictClient(product.base_url, account.token, number, SEED) for number in range(CLIENTS)]
        loads: list[Load] = [Load(client, stop) for client in clients]
        reader = Reader(product, account, files, stop)
        for load in [*loads, reader]:
            load.start()
        began, kills = time.monotonic(), 0
        ways = [("default", "one"), ("one", "two"), ("two", "one"), ("one", "default")]  # the last but one: back again
        for source, target in ways:
            if stop.is_set():
                break
            kills += move(product, source, target, chance, stop)
        stop.set()
        for load in [*loads, reader]:
            load.finish()
        seconds = time.monotonic() - began
        settle(product)
        for name in ("one", "two"):
            assert [info.key for info in open_storage(urls[name]).list()] == [], f"left in {name}"
            product.manage("pool", "remove", name)
        there = sum(client.check() for client in clients)
        findings = product.manage("fsck", "--hash")
    print(f"{kills} movers killed in {seconds:.0f} s, {sum(c.acts for c in clients)} acts, {reader.count} files read")
    print(f"{there + len(files)} files whole; fsck: {findings.strip()}")
    assert kills >= len(ways)
