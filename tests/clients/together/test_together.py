"""Two devices and a person in the browser on one account, through the load balancer, while replicas are killed: in the
end everybody has the same tree, it is the one that they made, and there is no conflict copy, for there was no conflict.

`TOGETHER_SECONDS` (default 30) is how long, `TOGETHER_SEED` what happens, `TOGETHER_REPORT` a file for the report.
`make together` does it for five minutes.
"""

import itertools
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from deploy.cluster import RunningCluster, start
from deploy.cluster.show_rolling import EMAIL, make_token
from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.together.people import SHARED, Browser, Device, Person, expected, files_of
from tests.clients.trees import FOLDER, Remote

SECONDS = float(os.environ.get("TOGETHER_SECONDS", "30"))
SEED = int(os.environ.get("TOGETHER_SEED") or random.randrange(10**6))
REPORT = os.environ.get("TOGETHER_REPORT", "")
# Nobody changes this one: nextcloudcmd asks, and waits for ever, when no file at all is as it was ("All the files are
# going to be changed, asking the user"), which happens while there are few.
KEPT, KEPT_BYTES = "shared/kept.txt", b"kept"
ALL_THE_SAME_WITHIN = 150.0  # seconds, after everybody has stopped
PAUSE = 2.0  # seconds between two rounds: a file that failed is left alone for a second


@pytest.fixture
def cluster() -> Iterator[RunningCluster]:
    folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_together_"))
    folder.chmod(0o711)  # PostgreSQL's own user must be able to enter it
    try:
        with start(folder, web=3, workers=1, DRAIN_DELAY="1s", BRAKE="off") as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(SECONDS * 2 + 600)
def test_all_come_to_the_same_tree(cluster: RunningCluster, tmp_path: Path) -> None:
    token = make_token(cluster)
    remote = Remote(cluster.url, {"Authorization": f"Bearer {token}"})
    for folder in SHARED:
        remote.make_folder(f"/{folder}")
    remote.write(f"/{KEPT}", KEPT_BYTES)
    devices = [
        Device(NextcloudCmd(tmp_path / name, cluster.url, EMAIL, token), name, SEED) for name in ("laptop", "phone")
    ]
    people: list[Person] = [*devices, Browser(remote, SEED)]
    for device in devices:
        device.client.sync()
    kills = _work(cluster, people)
    rounds = _come_together(devices, remote)
    wanted, there = {**expected(people), KEPT: sha256(KEPT_BYTES).hexdigest()}, remote.tree()
    conflicts = [path for device in devices for path in device.client.conflicts()]
    lines = [
        f"TOGETHER_SEED={SEED} TOGETHER_SECONDS={SECONDS:g}: {kills} kills",
        *[f"{person.name}: {dict(person.acts)}" for person in people],
        *[f"{device.name}: runs by exit code {dict(device.runs)}" for device in devices],
        f"{len(wanted)} files, {rounds} rounds until all had the same; conflict copies: {conflicts}",
        f"fsck --hash: {cluster.manage('fsck', '--hash').strip().splitlines()[-1]}",
    ]
    for path in sorted(wanted.keys() ^ files_of(there).keys())[:3]:
        lines += [f"{path}: only {'wanted' if path in wanted else 'there'}", *_history(cluster, path)]
        lines += [f"{one.name}: {said}" for one in devices for said in one.said_of(path.rpartition("/")[2])]
    _say(lines)
    assert [problem for person in people for problem in person.wrong] == []
    assert conflicts == []
    assert files_of(there) == wanted, f"TOGETHER_SEED={SEED}"
    for device in devices:
        assert device.client.tree() == there
    fresh = NextcloudCmd(tmp_path / "new", cluster.url, EMAIL, token)
    fresh.sync()
    assert fresh.tree() == there
    assert {path for path, value in there.items() if value == FOLDER} >= set(SHARED)


def _work(cluster: RunningCluster, people: list[Person]) -> int:
    """How many replicas were killed while they worked."""
    stop, chance, kills = threading.Event(), random.Random(f"kills/{SEED}"), 0
    threads = [threading.Thread(target=person.work, args=(stop,), daemon=True) for person in people]
    for thread in threads:
        thread.start()
    end = time.monotonic() + SECONDS
    while not stop.wait(chance.uniform(6, 12)) and time.monotonic() < end:
        replicas = [part for part in cluster.of("web") if part.state == "UP"]
        if len(replicas) > 1:
            chance.choice(replicas).kill()
            kills += 1
    stop.set()
    for thread in threads:
        thread.join(300)
    return kills


def _come_together(devices: list[Device], remote: Remote) -> int:
    """The number of rounds. What was interrupted by the last kill is tried again, as by every client."""
    end = time.monotonic() + ALL_THE_SAME_WITHIN
    for number in itertools.count(1):
        well = [device.end() for device in devices]
        stuck = [f"{device.name} was stuck after: {device.last_failure}" for device in devices if device.runs["stuck"]]
        assert stuck == []
        trees = [device.client.tree() for device in devices]
        if all(well) and trees[0] == trees[1] == remote.tree():
            return number
        failures = [device.last_failure for device in devices]
        assert time.monotonic() < end, f"not the same after {number} rounds: {failures}"
        time.sleep(PAUSE)
    raise AssertionError("never reached")


HISTORY = """
import sys
from files.models import Change
name = sys.stdin.read()
nodes = Change.objects.filter(after_name=name).values_list("node_id", flat=True)
for c in Change.objects.filter(node_id__in=set(nodes)).order_by("seq"):
    print(c.at, c.node_id, c.kind, c.before_path, "->", c.after_path, c.before_version_id, c.after_version_id, c.client)
"""


def _history(cluster: RunningCluster, path: str) -> list[str]:
    """What the journal knows of whatever was ever there."""
    name = path.rpartition("/")[2]
    return cluster.manage("shell", "-c", HISTORY, stdin=name).strip().splitlines()


def _say(lines: list[str]) -> None:
    text = "\n".join(lines)
    sys.stdout.write(text + "\n")
    if REPORT:
        Path(REPORT).parent.mkdir(parents=True, exist_ok=True)
        Path(REPORT).write_text(text + "\n")
