"""`python -m benchmarks.replica_memory`: the memory of one replica over 10,000 mixed requests and a 5 GiB transfer.

The exit code is 1 when it grew by more than 10 %: from the middle of the requests to their end, or from the first
quarter of the transfer, which fills the buffers of the parts on their way to the store, to the rest of it.
"""

import argparse
import hashlib
import itertools
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import requests

from benchmarks.install import ROOT, say
from deploy.cluster import RunningCluster, start
from deploy.cluster.show_rolling import make_token

THREADS = 8
MIB = 1024 * 1024
GROWTH = 1.10


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.replica_memory", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--gib", type=float, default=5.0)
    given = parser.parse_args(arguments)
    cache = ROOT / ".cache"  # 5 GiB may be too much for /tmp
    cache.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_memory_", dir=cache))
    for path in (folder, *itertools.islice(folder.parents, 1)):
        path.chmod(0o711)
    try:
        with start(folder, web=1, workers=1) as cluster:
            return 0 if measure(cluster, given.requests, int(given.gib * 1024)) else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(cluster: RunningCluster, count: int, blocks: int) -> bool:
    headers = {"Authorization": f"Bearer {make_token(cluster)}"}
    for path in ("mixed/kept.bin", "copies/first.bin"):  # what the requests take for granted
        url = f"{cluster.url}/api/v1/content/{path}"
        requests.put(url, data=b"kept", headers=headers, timeout=60).raise_for_status()
    seen = _requests(cluster, headers, count)
    middle, end = seen[len(seen) // 2], seen[-1]
    before = memory(cluster)
    during = _transfer(cluster, headers, blocks)
    first, rest = max(during[: len(during) // 4]), max(during[len(during) // 4 :])
    say(f"requests: {middle:.0f} MiB in the middle, {end:.0f} MiB at the end")
    say(f"transfer of {blocks / 1024:g} GiB: {before:.0f} MiB before, at most {first:.0f} MiB in its first quarter")
    say(f"and {rest:.0f} MiB later; {memory(cluster):.0f} MiB after it")
    return end <= middle * GROWTH and rest <= first * GROWTH


def memory(cluster: RunningCluster) -> float:
    """MiB of its own that the processes of the replica have (USS)."""
    (part,) = cluster.of("web")
    replica = psutil.Process(part.pid)
    return float(sum(one.memory_full_info().uss for one in (replica, *replica.children(recursive=True))) / MIB)


def _requests(cluster: RunningCluster, headers: dict[str, str], count: int) -> list[float]:
    """Memory after each twentieth of them."""
    seen, wrong = list[float](), list[str]()
    for start_at in range(0, count, count // 20):
        numbers = iter(range(start_at, min(count, start_at + count // 20)))
        threads = [threading.Thread(target=_work, args=(cluster.url, headers, numbers, wrong)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if wrong:
            raise RuntimeError(wrong[0])
        seen.append(memory(cluster))
        say(f"{start_at + count // 20} requests: {seen[-1]:.0f} MiB")
    return seen


def _work(url: str, headers: dict[str, str], numbers: Iterator[int], wrong: list[str]) -> None:
    with requests.Session() as session:
        session.headers.update(headers)
        for number in numbers:
            method, path, given = act(number)
            answer = session.request(method, f"{url}{path}", timeout=60, **given)  # type: ignore[arg-type]
            if answer.status_code not in (200, 201, 204, 206, 409):  # two may make one folder
                wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
                return


def act(number: int) -> tuple[str, str, dict[str, object]]:
    """Every kind of request in turn."""
    api, name = "/api/v1", f"/mixed/{number % 97}/file-{number % 997}.bin"
    return [
        ("PUT", f"{api}/content{name}", {"data": os.urandom(number % 50_000)}),
        ("PUT", f"{api}/content/mixed/kept.bin", {"data": b"%d" % number}),
        ("GET", f"{api}/content/mixed/kept.bin", {"headers": {"Range": "bytes=0-0"}}),
        ("GET", f"{api}/folders?path=/mixed&limit=200", {}),
        ("GET", f"{api}/search?q=file", {}),
        ("POST", f"{api}/folders", {"json": {"path": f"/mixed/folder-{number}", "exist_ok": True}}),
        ("POST", f"{api}/bulk?path=/mixed", {"files": _files(number)}),
        ("POST", f"{api}/copy", {"json": {"from_path": "/mixed/kept.bin", "to_path": f"/copies/{number}.bin"}}),
        ("GET", f"{api}/usage", {}),
        ("GET", "/healthz", {}),
    ][number % 10]  # type: ignore[return-value]


def _files(number: int) -> dict[str, tuple[str, bytes]]:
    folder = f"bulk-{number % 31}"
    return {f"{folder}/part-{number}-{index}.txt": ("part", b"text %d" % index) for index in range(10)}


def _transfer(cluster: RunningCluster, headers: dict[str, str], blocks: int) -> list[float]:
    """Up in one request, and down again; the memory of each second. Raises RuntimeError when the bytes differ."""
    url, sent, received = f"{cluster.url}/api/v1/content/large.bin", hashlib.sha256(), hashlib.sha256()
    seen, over = list[float](), threading.Event()

    def watch() -> None:
        while not over.wait(1):
            seen.append(memory(cluster))

    def body() -> Iterator[bytes]:
        for number in range(blocks):
            block = number.to_bytes(8, "big") * (MIB // 8)
            sent.update(block)
            yield block

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        answer = requests.put(url, data=body(), headers=headers, timeout=900)
        if answer.status_code != 201:
            raise RuntimeError(f"{answer.status_code} {answer.text[:300]}")
        with requests.get(url, headers=headers, stream=True, timeout=900) as answer:
            for block in answer.iter_content(4 * MIB):
                received.update(block)
    finally:
        over.set()
        watcher.join()
    if sent.digest() != received.digest():
        raise RuntimeError("what came back is not what was sent")
    return seen


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
