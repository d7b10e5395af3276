"""What is said at the end of a run, and what is kept of it: the time of each group, flaky tests, the budget."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT = 30  # runs in the file of times
COUNT = re.compile(r"(\d+) (passed|failed|skipped|error|errors)\b")
SKIPPED = re.compile(r"^SKIPPED .*$", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """One group of a finished run. `flaky` are tests that failed and passed when they were run again."""

    name: str
    ok: bool
    seconds: float
    processor: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    flaky: tuple[str, ...] = ()
    reason: str = ""


def counts(output: str) -> dict[str, int]:
    """Passed, failed and skipped tests in what pytest printed; all 0 where it printed no summary."""
    found = {"passed": 0, "failed": 0, "skipped": 0}
    last = next((line for line in reversed(output.splitlines()) if COUNT.search(line) and " in " in line), "")
    for number, word in COUNT.findall(last):
        found["failed" if word.startswith("error") else word] += int(number)
    return found


def skips(output: str) -> list[str]:
    return SKIPPED.findall(output)


def table(results: Sequence[Result], seconds: float) -> str:
    """A row for each group, the slowest first."""
    rows = sorted(results, key=lambda result: -result.seconds)
    width = max((len(row.name) for row in rows), default=4)
    lines = [f"{'group':<{width}}  seconds  processor  passed  failed  skipped"]
    for row in rows:
        mark = "" if row.ok else f"  FAILED {row.reason}".rstrip()
        times = f"{row.seconds:7.0f}  {row.processor:9.0f}"
        lines.append(f"{row.name:<{width}}  {times}  {row.passed:6}  {row.failed:6}  {row.skipped:7}{mark}")
    processor = sum(row.processor for row in rows)
    return "\n".join([*lines, f"{'in all':<{width}}  {seconds:7.0f}  {processor:9.0f}"])


def flaky(results: Iterable[Result]) -> str:
    """Empty when there is none."""
    lines = [f"  {result.name}: {test}" for result in results for test in result.flaky]
    head = "FLAKY: these tests failed and passed when they were run again. Mend them, or remove them with a reason:"
    return "\n".join([head, *lines]) if lines else ""


def over_budget(seconds: float, budget: float) -> str:
    """Why a run that took so long fails; empty for one within one and a half times its budget (both in seconds)."""
    if seconds <= budget * 1.5:
        return ""
    return f"TOO SLOW: the gate took {seconds / 60:.1f} minutes; its budget is {budget / 60:.0f}, and it fails at 1.5 ×"


def keep(path: Path, kind: str, results: Sequence[Result], seconds: float, now: datetime | None = None) -> None:
    """Add this run to the file, which holds the newest runs first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        runs = json.loads(path.read_text())["runs"]
    except (FileNotFoundError, ValueError, KeyError):
        runs = []
    run: dict[str, Any] = {
        "kind": kind,
        "commit": commit(),
        "began": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "seconds": round(seconds),
        "groups": {result.name: asdict(result) | {"seconds": round(result.seconds, 1)} for result in results},
    }
    path.write_text(json.dumps({"runs": [run, *runs][:KEPT]}, indent=1) + "\n")


def commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()
