"""`python -m benchmarks.replicas`: throughput of a cluster with 1, 2 and 4 replicas, through its load balancer.

Small requests of four people, on four connections each. Everything shares this machine's cores: the client, HAProxy,
PostgreSQL, the object store and the workers too. So the work is done twice: with replicas that take what they get, and
with replicas that are held to a part of a core each, as the scheduler of a cluster does, so that there is room for four
of them. `--write-docs` puts the table into docs/operations/cluster.md.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from statistics import median

import psutil

from benchmarks import install, wrk
from benchmarks.client import Client
from benchmarks.cores import held_to
from benchmarks.dialects import Request, RestDialect
from benchmarks.install import say
from benchmarks.sizes import SMALL
from benchmarks.wrk import UNIQUE, Load
from deploy.cluster import RunningCluster, start
from deploy.cluster.show_rolling import make_token

NUMBERS = (1, 2, 4)
PEOPLE, CONNECTIONS = 4, 16
MARKS = re.compile(r"(<!-- replicas:begin -->\n).*?(<!-- replicas:end -->)", re.DOTALL)
Rates = dict[str, dict[int, float]]  # requests a second, by work, then by the number of replicas
DOCUMENT = install.ROOT / "docs" / "operations" / "cluster.md"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.replicas", description=__doc__)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=float, default=0.2, help="of each replica in the second half of the table")
    parser.add_argument("--write-docs", action="store_true")
    given = parser.parse_args(arguments)
    install.debian("the client", "wrk", needs=["wrk"])
    folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_replicas_"))
    folder.chmod(0o711)
    try:
        with start(folder, web=1, workers=1) as cluster:
            dialects = prepare(cluster)
            free = measure(cluster, dialects, given.seconds, given.rounds, None)
            held = measure(cluster, dialects, given.seconds, given.rounds, given.cores)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table = render(free, held, given.cores)
    say(table)
    if given.write_docs:
        DOCUMENT.write_text(MARKS.sub(lambda marks: f"{marks[1]}{table}{marks[2]}", DOCUMENT.read_text()))
    return 0


def prepare(cluster: RunningCluster) -> list[RestDialect]:
    """Of each person: the space of one is one queue of writers, whatever the number of replicas."""
    dialects = []
    for number in range(PEOPLE):
        email = f"person{number}@example.com"
        dialect = RestDialect(email, make_token(cluster, email), cluster.url)
        client = Client(int(cluster.url.rpartition(":")[2]))
        folders = dialect.make_folder("/work"), dialect.make_folder("/list")
        for request in (*folders, dialect.put("/small.bin", os.urandom(SMALL)), _bulk(dialect, "/list")):
            client.send(request)
        client.close()
        dialects.append(dialect)
    return dialects


def measure(
    cluster: RunningCluster, dialects: list[RestDialect], seconds: int, rounds: int, cores: float | None
) -> Rates:
    """Medians of requests a second, by work and by number of replicas. The numbers take turns."""
    samples: dict[str, dict[int, list[float]]] = {}
    for _ in range(rounds):
        for number in NUMBERS:
            cluster.command("scale", "web", str(number))
            with nullcontext() if cores is None else held_to(cores, _processes(cluster)):
                for name, rate in _round(cluster, dialects, seconds).items():
                    samples.setdefault(name, {}).setdefault(number, []).append(rate)
                    say(f"{number} replicas of {cores or 'any'} cores: {name}: {rate:.0f}/s")
    return {name: {number: median(rates) for number, rates in by.items()} for name, by in samples.items()}


def _round(cluster: RunningCluster, dialects: list[RestDialect], seconds: int) -> dict[str, float]:
    found = dict[str, float]()
    with ThreadPoolExecutor(len(dialects)) as together:
        for name, make in WORKS.items():
            for length in (1, seconds):  # the first second is not counted
                loads = [Load(make(dialect), CONNECTIONS // PEOPLE, length) for dialect in dialects]
                found[name] = sum(together.map(partial(wrk.run, cluster.url), loads))
    return found


def _processes(cluster: RunningCluster) -> list[list[int]]:
    """Of each replica: its master and its workers."""
    found = []
    for part in cluster.of("web"):
        master = psutil.Process(part.pid)
        found.append([master.pid, *(child.pid for child in master.children(recursive=True))])
    return found


def _put(dialect: RestDialect) -> Request:
    body = UNIQUE.encode() + os.urandom(SMALL - len(UNIQUE)).replace(b"@", b"#")
    return dialect.put(f"/work/{os.urandom(6).hex()}/{UNIQUE}", body)


WORKS: dict[str, Callable[[RestDialect], Request]] = {
    "GET 4 KiB": lambda dialect: dialect.get("/small.bin"),
    "PUT 4 KiB": _put,
    "list 500": lambda dialect: dialect.listing("/list", None),
}


def _bulk(dialect: RestDialect, folder: str) -> Request:
    return dialect.bulk(folder, {f"file-{number:03}.bin": b"%d" % number for number in range(500)})


def render(free: Rates, held: Rates, cores: float) -> str:
    head = " | ".join(f"{number} replica{'s' if number > 1 else ''}" for number in NUMBERS)
    lines = [f"| requests a second | {head} |", "| --- |" + " --: |" * len(NUMBERS)]
    for how, found in (("", free), (f", {cores:g} of a core each", held)):
        for name, rates in found.items():
            lines.append(f"| {name}{how} | " + " | ".join(f"{rates[number]:,.0f}" for number in NUMBERS) + " |")
    total = os.cpu_count()
    return "\n".join(lines) + (
        f"\n\n{PEOPLE} people on {CONNECTIONS} connections. The client, HAProxy, PostgreSQL, the object store and the "
        f"workers are on the same {total} cores.\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
