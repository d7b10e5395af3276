"""Shows that nobody notices: a real tree goes through the load balancer while replicas come and go and a release rolls.

    python -m deploy.cluster.show_rolling [--files 3000] [--tree FOLDER] [--threads 8] [--folder DATA_DIR]

Files are sent whole, and every twentieth in pieces; no request is sent twice. Meanwhile: a replica is added, one more,
they are removed one by one, one gets SIGTERM as Marathon sends it, and a new release (a copy of this checkout) replaces
all. When the tree is there before that is over, it is sent again to another folder. At the end every file is read back
and compared, and `fsck --hash` looks at the rows and the objects. The exit code is 1 when one request failed.
"""

import argparse
import hashlib
import itertools
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.cluster.load_generator import Connection, LoadGenerator
from deploy.cluster.product import REPOSITORY
from deploy.cluster.running import RunningCluster, start
from deploy.cluster.supervision import say

LARGEST = 2_000_000  # bytes of a file that is taken
EMAIL = "show@example.com"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster.show_rolling")
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--tree", type=Path, default=Path(sys.prefix) / "lib")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--folder", type=Path, help="of the cluster; default: a temporary one that is removed")
    parser.add_argument("--broker", default="rabbitmq")
    arguments = parser.parse_args()
    files = dict(itertools.islice(_tree(arguments.tree), arguments.files))
    temporary = Path(tempfile.mkdtemp(prefix="dropbox_clone_show_"))
    temporary.chmod(0o711)
    try:
        with start(arguments.folder or temporary / "cluster", broker=arguments.broker) as cluster:
            release = copy_of_checkout(temporary / "release")
            return show(cluster, files, release, arguments.threads)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def show(cluster: RunningCluster, files: dict[str, bytes], release: Path, threads: int) -> int:
    token = make_token(cluster)
    load = LoadGenerator(cluster.url, token)
    size = sum(map(len, files.values()))
    say(f"{len(files)} files, {size / 1e6:.1f} MB, {threads} connections, through {cluster.url}")
    over = threading.Event()
    events: list[str] = []
    changing = threading.Thread(target=_change, args=(cluster, release, over, events))
    changing.start()
    started, rounds = time.monotonic(), 0
    while not over.is_set() or not rounds:
        rounds += 1
        before = time.monotonic()
        load.each(files.items(), _sender(f"/round{rounds}"), threads=threads)
        say(f"round {rounds}: {len(files)} files in {time.monotonic() - before:.1f} s, {len(load.failures)} failures")
    changing.join()
    elapsed, sent = time.monotonic() - started, load.requests
    different = _different(load, files, rounds, threads)
    fsck = cluster.manage("fsck", "--hash").strip().splitlines()
    say(f"sent {sent} requests in {elapsed:.0f} s, read {load.requests - sent} back; longest {load.longest:.2f} s")
    say(f"failed requests: {len(load.failures)} {dict(load.kinds()) or ''}")
    say(f"files that differ: {len(different)} of {len(files) * rounds} {different[:5] or ''}")
    say(f"fsck --hash: {fsck[-1] if fsck else ''}")
    failed_events = [event for event in events if event.startswith("FAILED")]
    for failure in [*load.failures[:20], *failed_events]:
        say(failure)
    return 1 if load.failures or different or failed_events else 0


def make_token(cluster: RunningCluster, email: str = EMAIL) -> str:
    """Of a new account without a quota."""
    cluster.manage(
        "createaccount", email, "--password-stdin", "--quota", "none", stdin="correct horse battery staple\n"
    )
    return cluster.manage("createtoken", email, "--name", "show", "--expires", "1d").strip().splitlines()[-1]


def copy_of_checkout(target: Path) -> Path:
    """What is committed, as another folder: a release that somebody unpacked. The packages are shared."""
    target.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=REPOSITORY, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive, check=True)
    if (REPOSITORY / "frontend" / "dist").exists():
        shutil.copytree(REPOSITORY / "frontend" / "dist", target / "frontend" / "dist", dirs_exist_ok=True)
    (target / ".venv").symlink_to(sys.prefix)
    return target


def _change(cluster: RunningCluster, release: Path, over: threading.Event, events: list[str]) -> None:
    started = time.monotonic()

    def do(*words: str) -> None:
        cluster.command(*words)
        events.append(" ".join(words))
        say(f"  {time.monotonic() - started:5.1f} s  {' '.join(words)}: {_replicas(cluster)}")

    try:
        time.sleep(2)
        for number in (4, 5, 4, 3, 2, 1, 2, 3):
            do("scale", "web", str(number))
        do("scale", "worker", "3")
        replica = cluster.of("web")[0]
        replica.terminate()
        say(f"  {time.monotonic() - started:5.1f} s  SIGTERM to {replica.name}")
        while (again := cluster.parts[replica.name]).pid == replica.pid or again.state != "UP":
            time.sleep(0.2)
        say(f"  {time.monotonic() - started:5.1f} s  {replica.name} drained, ended and is back: {_replicas(cluster)}")
        do("roll", str(release))
    except Exception as error:
        events.append(f"FAILED {error!r}")
        raise
    finally:
        over.set()


def _replicas(cluster: RunningCluster) -> str:
    return ", ".join(f"{part.name} {part.state}" for part in cluster.of("web"))


def _sender(top: str):  # type: ignore[no-untyped-def]
    def send(connection: Connection, item: tuple[str, bytes]) -> None:
        name, data = item
        if data and int(hashlib.sha256(name.encode()).hexdigest(), 16) % 20 == 0:
            connection.put_in_pieces(f"{top}/{name}", data, piece=max(1, len(data) // 3 + 1))
        else:
            connection.put(f"{top}/{name}", data)

    return send


def _different(load: LoadGenerator, files: dict[str, bytes], rounds: int, threads: int) -> list[str]:
    different: list[str] = []

    def compare(connection: Connection, item: tuple[str, bytes]) -> None:
        path, data = item
        found = connection.get(path)
        if found is None or hashlib.sha256(found).digest() != hashlib.sha256(data).digest():
            different.append(path)

    everything = ((f"/round{number}/{name}", data) for number in range(1, rounds + 1) for name, data in files.items())
    load.each(everything, compare, threads=threads)
    return different


def _tree(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and path.stat().st_size <= LARGEST:
            yield str(path.relative_to(folder)), path.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
