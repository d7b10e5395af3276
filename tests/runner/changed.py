"""Which long groups CI runs: those whose subject changed since they were last green, as far as the time reaches."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.runner.groups import Group

# Written by `make test-all` and committed: for each long group the commit and how long it took (seconds).
GREEN = Path(".ci/green.json")


def read_green(path: Path = GREEN) -> dict[str, dict[str, object]]:
    try:
        found: dict[str, dict[str, object]] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def write_green(groups: dict[str, float], commit: str, path: Path = GREEN) -> None:
    """`groups`: those that were green just now, with their seconds. The others keep what they have."""
    known = read_green(path)
    known |= {name: {"commit": commit, "seconds": round(seconds)} for name, seconds in groups.items()}
    path.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


def changed_files(commit: object) -> list[str] | None:
    """Paths that differ between that commit and this one; None when it is not known here."""
    if not isinstance(commit, str) or not commit:
        return None
    command = ["git", "diff", "--name-only", commit, "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else None


def is_due(group: Group, changed: list[str] | None) -> bool:
    """Whether a subject of the group is among the changed files; a group that was never green is always due."""
    return changed is None or any(path.startswith(group.subjects) for path in changed)


def choose(groups: Sequence[Group], seconds: float, path: Path = GREEN) -> tuple[list[Group], list[Group]]:
    """Those that are due and fit into so many seconds one after the other, and those that are due and do not fit."""
    green = read_green(path)
    chosen, left = [], []
    for group in groups:
        known = green.get(group.name, {})
        if not is_due(group, changed_files(known.get("commit"))):
            continue
        expected = known.get("seconds")
        expected = float(expected) if isinstance(expected, int) else group.seconds / 3
        if expected <= seconds:
            seconds -= expected
            chosen.append(group)
        else:
            left.append(group)
    return chosen, left
