"""Many small requests, sent by wrk (https://github.com/wg/wrk) with load.lua."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.dialects import Request

SCRIPT = Path(__file__).with_name("load.lua")
LONGEST = 16  # seconds
UNIQUE = "@" * 12  # in path and body: a number that no other request of the run has


class LoadFailed(Exception):
    """The server refused requests or broke connections: what it did was not the work."""


@dataclass(frozen=True, slots=True)
class Load:
    """Sent over and over again for `seconds`, over `connections` that are kept alive."""

    request: Request
    connections: int = 1
    seconds: int = 3
    range_of: int | None = None  # bytes of the file, out of which 64 KiB are asked for at random


def run(base_url: str, load: Load) -> float:
    """Answers a second, all of them good. Raises LoadFailed."""
    threads = min(2, load.connections)
    with tempfile.TemporaryDirectory(prefix="bench-wrk-") as temporary:
        folder = Path(temporary)
        headers = "".join(f"{name}: {value}\n" for name, value in load.request.headers.items())
        (folder / "headers").write_text(headers)
        (folder / "body").write_bytes(load.request.body)
        environment = {
            **os.environ,
            "BENCH_METHOD": load.request.method,
            "BENCH_PATH": load.request.path,
            "BENCH_HEADERS": str(folder / "headers"),
            "BENCH_BODY": str(folder / "body") if load.request.body else "",
            "BENCH_RANGE": str(load.range_of or ""),
            "BENCH_REPORT": str(folder / "report"),
        }
        options = ["-t", str(threads), "-c", str(load.connections), "-d", f"{load.seconds}s", "--timeout", "30s"]
        done = subprocess.run(
            ["wrk", *options, "-s", str(SCRIPT), base_url],
            env=environment,
            capture_output=True,
            text=True,
            timeout=load.seconds + 60,
            check=False,
        )
        if done.returncode:
            raise LoadFailed(done.stderr.strip() or done.stdout.strip())
        report = json.loads((folder / "report").read_text())
    if not report["requests"] and not report["broken"] and load.seconds < LONGEST:
        return run(base_url, replace(load, seconds=min(LONGEST, load.seconds * 4)))  # not one answer was out yet
    if report["refused"] or not report["requests"]:
        raise LoadFailed(f"{report['refused']} of {report['requests']} requests were refused")
    # A server may close a connection between two requests; wrk opens another one. Many are another thing.
    if report["broken"] > report["requests"] / 100:
        raise LoadFailed(f"{report['broken']} connections broke in {report['requests']} requests")
    return float(report["requests"] * 1e6 / report["microseconds"])
