"""A whole cluster at work while its parts are killed, frozen, cut off, filled up: nothing is lost, nobody waits long.

`CHAOS_SECONDS` (default 60) is how long, `CHAOS_SEED` which faults, and which broker unless `CHAOS_BROKER` says it,
`CHAOS_FAULTS` beginnings of their names (`freeze redis,kill`; default all), `CHAOS_REPORT` a file for the report.
`make chaos` does it for ten minutes.
"""

import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import pytest
import requests

from deploy.cluster import RunningCluster, object_store, ports_of, start
from deploy.cluster.show_rolling import make_token
from tests.chaos.cluster_client import ClusterClient
from tests.chaos.faults import Disk, Fault, Faults
from tests.chaos.passage import Passage
from tests.chaos.watcher import Watcher
from tests.kills.test_killed_processes import Load

SECONDS = int(os.environ.get("CHAOS_SECONDS", "60"))
SEED = int(os.environ.get("CHAOS_SEED", str(random.randrange(10**6))))
BROKER = os.environ.get("CHAOS_BROKER") or random.Random(f"broker/{SEED}").choice(["rabbitmq", "redis"])
FAULTS = tuple(word.strip() for word in os.environ.get("CHAOS_FAULTS", "").split(",") if word.strip())
REPORT = os.environ.get("CHAOS_REPORT", "")
CLIENTS = 4
RECOVERY = 60.0  # seconds after the end of a fault until all is well again
JOBS_REST = 180.0  # seconds until no job is under way


@dataclass
class World:
    cluster: RunningCluster
    passages: dict[str, Passage]
    disk: Disk | None
    token: str
    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append(text)
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


@pytest.fixture
def world() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_chaos_"))
    folder.chmod(0o711)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        data, store = folder / "data", "minio" if object_store.minio_binary() is not None else "seaweedfs"
        ports = ports_of(data, store)
        if BROKER == "redis":
            del ports["rabbitmq"]
        passages = {kind: stack.enter_context(Passage(port)) for kind, port in ports.items()}
        disk: Disk | None = Disk(data / "minio" / "data")
        assert disk is not None
        if store == "minio" and disk.mount():
            stack.callback(disk.unmount)
        else:
            sys.stdout.write("A FULL DISK IS NOT TRIED: it takes MinIO, and root to mount a tmpfs\n")
            disk = None
        through = {kind: passage.port for kind, passage in passages.items()}
        own = {"DRAIN_DELAY": "1s", "BRAKE": "off"}  # few clients change very much
        cluster = stack.enter_context(start(data, broker=BROKER, storage=store, through=through, **own))
        yield World(cluster, passages, disk, make_token(cluster))


@pytest.mark.long
@pytest.mark.timeout(SECONDS * 3 + 900)
def test_nothing_is_lost_when_parts_die(world: World) -> None:
    world.say(f"CHAOS_SEED={SEED} CHAOS_SECONDS={SECONDS} CHAOS_BROKER={BROKER}")
    watcher = Watcher(world.cluster.url, world.token)
    stop, calm = threading.Event(), threading.Event()
    calm.set()
    clients = [ClusterClient(world.cluster.url, world.token, number, SEED, calm) for number in range(CLIENTS)]
    loads = [Load(client, stop) for client in clients]
    for load in loads:
        load.start()
    wrong: list[str] = []
    try:
        happened = _let_it_happen(world, watcher, calm, stop, wrong)
    finally:
        calm.set()
        stop.set()
        for load in loads:
            load.join(120)
        watcher.stop()
        _write(world)
    for load in loads:
        load.finish()
    with ThreadPoolExecutor(CLIENTS) as threads:
        files = sum(threads.map(ClusterClient.check, clients))
    findings = world.cluster.manage("fsck", "--hash").strip()
    acts, unanswered = sum(c.acts for c in clients), sum(c.unanswered for c in clients)
    world.say(f"{sum(happened.values())} faults: {dict(happened.most_common())}")
    world.say(f"{acts} acts, {unanswered} unanswered, {sum(c.resumed for c in clients)} pieces sent again")
    world.say(f"{len(watcher.probes)} probes, the longest {max(probe.seconds for probe in watcher.probes):.1f} s")
    world.say(f"{files} files whole; fsck --hash: {findings}")
    world.say(f"jobs at rest after {_jobs_rest(world):.0f} s; the newest file found after {_found(world):.0f} s")
    _write(world)
    assert wrong == []


def _let_it_happen(
    world: World, watcher: Watcher, calm: threading.Event, stop: threading.Event, wrong: list[str]
) -> Counter[str]:
    chance = random.Random(f"moments/{SEED}")
    faults = Faults(world.cluster, world.passages, world.disk, SEED, FAULTS)
    happened = Counter[str]()
    watcher.wait_until_well(30)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and not stop.is_set():
        time.sleep(chance.uniform(1, 3))
        fault = faults.next()
        happened[f"{fault.name.split()[0]} {fault.kind}"] += 1
        found = _one(world, watcher, calm, fault)
        wrong += found
    return happened


def _one(world: World, watcher: Watcher, calm: threading.Event, fault: Fault) -> list[str]:
    calm.clear()
    began = time.monotonic()
    fault.begin()
    try:
        time.sleep(fault.seconds)
    finally:
        fault.end()
    ended = time.monotonic()
    again = watcher.wait_until_well(RECOVERY)
    time.sleep(1)
    calm.set()
    found = [f"{fault.name}: {text}" for text in watcher.faults_of(fault, began, ended)]
    during = [probe for probe in watcher.since(began) if probe.started < ended]
    refused = Counter(probe.status for probe in during if not probe.good)
    longest = max((probe.seconds for probe in during), default=0)
    world.say(
        f"{fault.name} for {fault.seconds:.1f} s: {sum(p.good for p in during)} of {len(during)} probes good, "
        f"refused {dict(refused)}, longest {longest:.1f} s, well after {again:.1f} s"
    )
    for text in found:
        world.say(f"  WRONG {text}")
    consistent = world.cluster.manage("fsck").strip().splitlines()[-1:]
    world.say(f"  fsck: {' '.join(consistent)}")
    return found


def _jobs_rest(world: World) -> float:
    """Seconds until no run of a job is under way; AssertionError for one that is stuck, or an upload that is."""
    began = time.monotonic()
    while True:
        with psycopg2.connect(world.cluster.environment()["DATABASE_URL"]) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT job_id, started_at FROM files_jobrun WHERE state = 'running'")
            running = cursor.fetchall()
        connection.close()
        if not running:
            return time.monotonic() - began
        assert time.monotonic() - began < JOBS_REST, f"stuck: {running}"
        time.sleep(0.5)


def _found(world: World) -> float:
    """Seconds until search knows a file that is written now: the index, which is made by jobs, has caught up."""
    url, headers = f"{world.cluster.url}/api/v1", {"Authorization": f"Bearer {world.token}"}
    made = requests.put(f"{url}/content/watched/quetzalcoatl.txt", data=b"last", headers=headers, timeout=30)
    assert made.status_code == 201, made.text
    began = time.monotonic()
    while not requests.get(f"{url}/search?q=quetzalcoatl", headers=headers, timeout=30).json()["items"]:
        assert time.monotonic() - began < JOBS_REST, "the index does not catch up"
        time.sleep(0.5)
    return time.monotonic() - began


def _write(world: World) -> None:
    if REPORT:
        Path(REPORT).parent.mkdir(parents=True, exist_ok=True)
        Path(REPORT).write_text("\n".join(world.lines) + "\n")
