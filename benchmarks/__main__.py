"""`python -m benchmarks`: each server in turn does the same work for the same client; one table at the end."""

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks import install
from benchmarks.client import Client, Refused
from benchmarks.install import say
from benchmarks.rows import ROWS, Row
from benchmarks.servers.base import Missing, Server
from benchmarks.servers.ours import Ours
from benchmarks.servers.peers import PEERS
from benchmarks.sizes import FULL, QUICK, Sizes
from benchmarks.table import render, title_of, write_readme
from benchmarks.world import World
from benchmarks.wrk import LoadFailed

SERVERS: dict[str, type[Server]] = {**PEERS, "ours": Ours}
Samples = dict[str, dict[str, list[float]]]  # by row, then by server


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and one run: to see that it works")
    parser.add_argument("--only", default="", help=f"rows, with commas between: {','.join(row.key for row in ROWS)}")
    parser.add_argument("--server", default="", help=f"servers, with commas between: {','.join(SERVERS)}")
    parser.add_argument("--runs", type=int, default=0, help="of each row")
    parser.add_argument("--json", type=Path, help="write every sample there")
    parser.add_argument("--add-to", type=Path, help="a file of --json, whose other figures go into the table too")
    parser.add_argument("--write-readme", action="store_true", help="put the table into README.md")
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
        sizes = Sizes(sizes.large, sizes.listed, sizes.tree, sizes.huge_copies, given.runs, sizes.seconds)
    rows = [row for row in ROWS if not given.only or row.key in given.only.split(",")]
    servers = [name for name in SERVERS if not given.server or name in given.server.split(",")]
    try:
        install.debian("the client", "wrk", needs=["wrk"])
    except Missing as error:
        say(f"wrk is needed to measure anything: {error}")
        return 1
    earlier = json.loads(given.add_to.read_text()) if given.add_to else {"samples": {}, "versions": {}}
    samples: Samples = defaultdict(dict, earlier["samples"])
    versions, complete = dict(earlier["versions"]), True
    for name in servers:
        complete = measure_server(name, rows, sizes, samples, versions) and complete
        if given.json:  # after each server, so that a run that is stopped is not lost
            given.json.write_text(json.dumps({"samples": samples, "versions": versions}, indent=1) + "\n")
    text = _report(samples, versions, sizes)
    print(text)
    if given.write_readme:
        write_readme(install.ROOT / "README.md", text)
    return 0 if complete else 1


def measure_server(name: str, rows: list[Row], sizes: Sizes, samples: Samples, versions: dict[str, str]) -> bool:
    """Whether every row that the server can do has a figure. Only what is missing on this machine is no failure."""
    cache = install.ROOT / ".cache"  # the disk of the data, not a temporary file system
    cache.mkdir(exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix="bench-", dir=cache))
    large = temporary / "large.bin"
    server: Server | None = None
    try:
        with large.open("wb") as file:
            for _ in range(sizes.large // 1024**2):
                file.write(os.urandom(1024**2))
        (temporary / "server").mkdir()
        server = SERVERS[name](temporary / "server", sizes)
        server.start()
        versions[name] = server.version()
        world = World(server, Client(server.port), sizes, large)
        return _measure_all([row for row in rows if name == "ours" or not row.only_ours], world, samples)
    except Missing as error:
        say(f"{name.upper()} IS NOT IN THE TABLE: {error}")
        return True
    except (Refused, RuntimeError) as error:
        say(f"{name}: DOES NOT START: {error}")
        return False
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(temporary, ignore_errors=True)


def _measure_all(rows: list[Row], world: World, samples: Samples) -> bool:
    good = [_measure(row, world, samples) for row in rows]
    return all(good)


def _measure(row: Row, world: World, samples: Samples) -> bool:
    started, name = time.monotonic(), world.server.name
    try:
        found = row.measure(world)
    except (Refused, LoadFailed) as error:
        say(f"{name}: {row.key} FAILED: {error}")
        world.client.close()
        return False
    samples[row.key][name] = found
    figures = ", ".join(f"{value:.4g}" for value in found)
    seconds = time.monotonic() - started
    rest = " (never at rest)" if world.restless else ""
    say(f"{name}: {title_of(row, world.sizes)}: {figures} {row.unit}, {seconds:.0f} s{rest}")
    return True


def _report(samples: Samples, versions: dict[str, str], sizes: Sizes) -> str:
    medians = {key: {name: median(found) for name, found in by.items()} for key, by in samples.items()}
    names = [name for name in SERVERS if any(name in by for by in samples.values())]
    table = render([row for row in ROWS if row.key in samples], names, medians, sizes)
    peers = ", ".join(f"{name} {versions[name]}" for name in names if versions.get(name))
    about = (
        f"Medians of {sizes.runs}, one server after the other on one machine ({os.cpu_count()} cores, "
        f"Linux {platform.release()}), same client, HTTP Basic over loopback: the peers by WebDAV, ours by the REST "
        "door with its job worker running, hashing and syncing what it stores. Figures change from machine to machine; "
        "the ratios within one run are what counts."
    )
    return f"{table}\n\n{about} Peers: {peers}.\n" if peers else f"{table}\n\n{about}\n"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # servers are stopped on the way out
    sys.exit(main(sys.argv[1:]))
