"""`python -m benchmarks.replicas`: throughput of a cluster with 1, 2 and 4 replicas, through its load balancer.

Small requests on 16 connections. Everything shares this machine's cores: the client, HAProxy, PostgreSQL, the object
store and the workers too. `--write-docs` puts the table into docs/operations/cluster.md.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks import install, wrk
from benchmarks.client import Client
from benchmarks.door import Request, RestDoor
from benchmarks.install import say
from benchmarks.sizes import SMALL
from benchmarks.wrk import UNIQUE, Load
from deploy.cluster import RunningCluster, start
from deploy.cluster.show_rolling import EMAIL, make_token

NUMBERS = (1, 2, 4)
CONNECTIONS = 16
MARKS = re.compile(r"(<!-- replicas:begin -->\n).*?(<!-- replicas:end -->)", re.DOTALL)
DOCUMENT = install.ROOT / "docs" / "operations" / "cluster.md"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.replicas", description=__doc__)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write-docs", action="store_true")
    given = parser.parse_args(arguments)
    install.debian("the client", "wrk", needs=["wrk"])
    folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_replicas_"))
    folder.chmod(0o711)
    try:
        with start(folder, web=1, workers=1) as cluster:
            found = measure(cluster, given.seconds, given.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table = render(found)
    say(table)
    if given.write_docs:
        DOCUMENT.write_text(MARKS.sub(lambda marks: f"{marks[1]}{table}{marks[2]}", DOCUMENT.read_text()))
    return 0


def measure(cluster: RunningCluster, seconds: int, rounds: int) -> dict[str, dict[int, float]]:
    """Medians of requests a second, by work and by number of replicas. The numbers take turns."""
    door = RestDoor(EMAIL, make_token(cluster), cluster.url)
    client = Client(int(cluster.url.rpartition(":")[2]))
    for request in (door.make_folder("/work"), door.put("/small.bin", os.urandom(SMALL)), _bulk(door, "/list")):
        client.send(request)
    client.close()
    samples: dict[str, dict[int, list[float]]] = {}
    for _ in range(rounds):
        for number in NUMBERS:
            cluster.command("scale", "web", str(number))
            for name, make in _works(door).items():
                load = Load(make(), connections=CONNECTIONS, seconds=seconds)
                wrk.run(cluster.url, Load(load.request, CONNECTIONS, 1))
                rate = wrk.run(cluster.url, load)
                samples.setdefault(name, {}).setdefault(number, []).append(rate)
                say(f"{number} replicas: {name}: {rate:.0f}/s")
    return {name: {number: median(rates) for number, rates in by.items()} for name, by in samples.items()}


def _works(door: RestDoor) -> dict[str, Callable[[], Request]]:
    def put() -> Request:
        body = UNIQUE.encode() + os.urandom(SMALL - len(UNIQUE)).replace(b"@", b"#")
        return door.put(f"/work/{os.urandom(6).hex()}/{UNIQUE}", body)

    return {
        "GET 4 KiB": lambda: door.get("/small.bin"),
        "PUT 4 KiB": put,
        "list 500": lambda: door.listing("/list", None),
    }


def _bulk(door: RestDoor, folder: str) -> Request:
    return door.bulk(folder, {f"file-{number:03}.bin": b"%d" % number for number in range(500)})


def render(found: dict[str, dict[int, float]]) -> str:
    head = " | ".join(f"{number} replica{'s' if number > 1 else ''}" for number in NUMBERS)
    lines = [f"| requests a second | {head} |", "| --- |" + " --: |" * len(NUMBERS)]
    for name, rates in found.items():
        lines.append(f"| {name} | " + " | ".join(f"{rates[number]:,.0f}" for number in NUMBERS) + " |")
    cores = os.cpu_count()
    return "\n".join(lines) + f"\n\n{CONNECTIONS} connections, all on one machine of {cores} cores.\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
