"""`python -m benchmarks`: all servers do the same work for the same client, taking turns; one table at the end."""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks import install
from benchmarks.client import Client, Refused
from benchmarks.install import say
from benchmarks.rows import ROWS, Row
from benchmarks.servers.base import Missing, Server
from benchmarks.servers.ours import Ours, OursByRest
from benchmarks.servers.peers import PEERS
from benchmarks.sizes import FULL, QUICK, Sizes
from benchmarks.table import render, render_short, title_of, write_between_marks
from benchmarks.world import ENOUGH, World
from benchmarks.wrk import LoadFailed

SERVERS: dict[str, type[Server]] = {**PEERS, Ours.name: Ours, OursByRest.name: OursByRest}
Samples = dict[str, dict[str, list[float]]]  # by row, then by server


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and one run: to see that it works")
    parser.add_argument("--only", default="", help=f"rows, with commas between: {','.join(row.key for row in ROWS)}")
    parser.add_argument("--server", default="", help=f"servers, with commas between: {','.join(SERVERS)}")
    parser.add_argument("--runs", type=int, default=0, help="of each row")
    parser.add_argument("--json", type=Path, help="write every sample there")
    parser.add_argument("--add-to", type=Path, help="a file of --json, whose other figures go into the table too")
    parser.add_argument(
        "--write-docs", action="store_true", help="put the table into docs/performance.md, eight rows into README.md"
    )
    given = parser.parse_args(arguments)
    _known(parser, given.only, [row.key for row in ROWS])
    _known(parser, given.server, list(SERVERS))
    return given


def _known(parser: argparse.ArgumentParser, text: str, names: list[str]) -> None:
    for name in filter(None, text.split(",")):
        if name not in names:
            parser.error(f"{name} is none of {', '.join(names)}")


def main(arguments: list[str]) -> int:
    given = parse(arguments)
    sizes = QUICK if given.quick else FULL
    if given.runs:
        sizes = replace(sizes, runs=given.runs)
    rows = [row for row in ROWS if not given.only or row.key in given.only.split(",")]
    servers = [name for name in SERVERS if not given.server or name in given.server.split(",")]
    try:
        install.debian("the client", "wrk", needs=["wrk"])
    except Missing as error:
        say(f"wrk is needed to measure anything: {error}")
        return 1
    earlier = json.loads(given.add_to.read_text()) if given.add_to else {"samples": {}, "versions": {}}
    samples: Samples = defaultdict(dict, earlier["samples"])
    versions = dict(earlier["versions"])
    with ExitStack() as stack:
        worlds, complete = start_all(servers, sizes, stack, versions)
        for row in rows:
            complete = measure_row(row, worlds, sizes.runs, samples) and complete
            if given.json:  # after each row, so that a run that is stopped is not lost
                given.json.write_text(json.dumps({"samples": samples, "versions": versions}, indent=1) + "\n")
    print(_report(samples, versions, sizes))
    if given.write_docs:
        write_between_marks(install.ROOT / "docs" / "performance.md", _report(samples, versions, sizes))
        write_between_marks(install.ROOT / "README.md", _short(samples, sizes))
    return 0 if complete else 1


def start_all(names: list[str], sizes: Sizes, stack: ExitStack, versions: dict[str, str]) -> tuple[list[World], bool]:
    """The servers that run, and whether all do; what is only missing on this machine is no failure."""
    cache = install.ROOT / ".cache"  # the disk of the data, not a temporary file system
    cache.mkdir(exist_ok=True)
    temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=cache)))
    large = temporary / "large.bin"
    with large.open("wb") as file:
        for _ in range(sizes.large // 1024**2):
            file.write(os.urandom(1024**2))
    worlds, complete = list[World](), True
    for name in names:
        (temporary / name).mkdir()
        server = SERVERS[name](temporary / name, sizes)
        stack.callback(server.stop)
        try:
            server.start()
            versions[name] = server.version()
            worlds.append(World(server, Client(server.port), replace(sizes, runs=1), large))
        except Missing as error:
            say(f"{name.upper()} IS NOT IN THE TABLE: {error}")
        except (Refused, RuntimeError) as error:
            say(f"{name}: DOES NOT START: {error}")
            complete = False
    return worlds, complete


def measure_row(row: Row, worlds: list[World], runs: int, samples: Samples) -> bool:
    """Whether every server that can do it has a figure. The servers take turns, run by run: a machine whose speed
    changes meanwhile is as fast for one as for the other.
    """
    taking_part = [world for world in worlds if not row.only or world.server.name in row.only]
    seconds: dict[str, float] = defaultdict(float)
    found: dict[str, list[float]] = defaultdict(list)
    failed = set[str]()
    for _ in range(runs):
        for world in taking_part:
            name = world.server.name
            if name in failed or seconds[name] > ENOUGH:
                continue
            started = time.monotonic()
            try:
                found[name] += row.measure(world)
            except Missing as error:
                say(f"{name}: {row.key} IS NOT IN THE TABLE: {error}")
                return True
            except (Refused, LoadFailed) as error:
                say(f"{name}: {row.key} FAILED: {error}")
                failed.add(name)
                world.client.close()
            seconds[name] += time.monotonic() - started
            world.rest()  # what it still has to do must not be in the way of the next
    for world in taking_part:
        _tell(row, world, found.get(world.server.name, []))
    samples[row.key].update({name: values for name, values in found.items() if name not in failed})
    return not failed


def _tell(row: Row, world: World, found: list[float]) -> None:
    figures = ", ".join(f"{value:.4g}" for value in found)
    rest = " (never at rest)" if world.restless else ""
    say(f"{world.server.name}: {title_of(row, world.sizes)}: {figures} {row.unit}{rest}")


def _medians(samples: Samples) -> tuple[list[str], dict[str, dict[str, float]]]:
    """Of the servers that have figures, in the order of the columns."""
    names = [name for name in SERVERS if any(name in by for by in samples.values())]
    return names, {key: {name: median(found) for name, found in by.items()} for key, by in samples.items()}


def _short(samples: Samples, sizes: Sizes) -> str:
    names, medians = _medians(samples)
    return render_short([row for row in ROWS if row.key in samples], names, medians, sizes)


def _report(samples: Samples, versions: dict[str, str], sizes: Sizes) -> str:
    names, medians = _medians(samples)
    table = render([row for row in ROWS if row.key in samples], names, medians, sizes)
    peers = ", ".join(f"{name} {versions[name]}" for name in names if versions.get(name))
    about = (
        f"Medians of {sizes.runs} runs in which the servers took turns, on one machine ({os.cpu_count()} cores, "
        f"Linux {platform.release()}), same client, HTTP Basic over loopback: the peers and ours by WebDAV, ours-rest "
        "by our own API; both of ours with their job worker running, hashing and syncing what they store. "
        "Figures change from machine to machine; the ratios within one run are what counts."
    )
    return f"{table}\n\n{about} Peers: {peers}.\n" if peers else f"{table}\n\n{about}\n"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # servers are stopped on the way out
    sys.exit(main(sys.argv[1:]))
