"""Packages are installed by the hashes of lock files only, which say what requirements and constraints pin."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z0-9,-]+\])?==([^\s;\\]+)")


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, str]:
    """With what `-r` includes."""
    found: dict[str, str] = {}
    for line in path.read_text().splitlines():
        if line.startswith("-r "):
            found |= pins(path.with_name(line[3:].strip()))
        elif pin := PIN.match(line):
            found[plain(pin[1])] = pin[2]
    return found


def hashes(lock: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    name = ""
    for line in lock.read_text().splitlines():
        if pin := PIN.match(line):
            name = plain(pin[1])
            counts[name] = 0
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line):
            counts[name] += 1
        else:
            assert line.startswith("#") or not line, line
    return counts


def test_there_is_a_lock_for_each_set_of_requirements() -> None:
    assert {lock.stem for lock in LOCKS} == {path.stem for path in ROOT.glob("requirements*.txt")}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_is_of_today_and_has_hashes(lock: Path) -> None:
    locked, constraints = pins(lock), pins(ROOT / "constraints.txt")
    wanted = pins(lock.with_suffix(".txt"))
    assert {name: locked.get(name) for name in wanted} == wanted, "run scripts/lock.sh"
    for name, version in locked.items():
        assert version == (wanted.get(name) or constraints.get(name)), f"{name} is pinned nowhere, or otherwise"
    assert [name for name, count in hashes(lock).items() if not count] == []


@pytest.mark.parametrize("path", ["scripts/bootstrap.sh", "scripts/frontend.sh", "Dockerfile"])
def test_nothing_is_installed_without_them(path: str) -> None:
    text = (ROOT / path).read_text().replace("\\\n", " ")
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs
    assert all(("--require-hashes" in line and ".lock" in line) or '"$lock"' in line for line in installs)
    assert not re.search(r"--requirement \S+\.txt", text)
