"""What the processes of a server use, as the kernel counts it."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pids: Iterable[int]) -> list[int]:
    """The processes and everything that they have started."""
    found: list[int] = []
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        try:
            children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        except OSError:
            continue
        found.append(pid)
        waiting += [int(child) for some in children for child in some]
    return found


def memory(pids: Iterable[int]) -> float:
    """MiB: each page counts once, whatever number of processes shares it (PSS)."""
    total = 0
    for pid in family(pids):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    total = 0
    for pid in family(pids):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def settle(pids: Iterable[int], limit: float = 120.0) -> bool:
    """Waits until they have nothing left to do from before (what is written, the search index, …)."""
    os.sync()
    roots, deadline = list(pids), time.monotonic() + limit
    quiet = 0
    while quiet < 3:
        if time.monotonic() > deadline:
            return False
        before = cpu_seconds(roots)
        time.sleep(0.25)
        quiet = quiet + 1 if cpu_seconds(roots) - before <= 0.03 else 0
    return True
