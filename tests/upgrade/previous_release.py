"""Which release may still be running when ours is rolled out (deploy/previous_release), and its code."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "deploy" / "previous_release"


@dataclass(frozen=True)
class Release:
    commit: str
    migrations: dict[str, str]  # the last of each app

    def is_here(self) -> bool:
        """False in a shallow clone that does not go back so far."""
        return _git("cat-file", "-e", f"{self.commit}^{{commit}}").returncode == 0

    def extract(self, folder: Path) -> Path:
        """Its committed files."""
        folder.mkdir()
        archive = _git("archive", "--format=tar", self.commit)
        archive.check_returncode()
        subprocess.run(["tar", "--extract", "--directory", folder], input=archive.stdout, check=True)
        return folder

    def last_migrations(self) -> dict[str, str]:
        """As git says, to compare with what the file says."""
        last: dict[str, str] = {}
        for app in self.migrations:
            listed = _git("ls-tree", "--name-only", self.commit, f"{app}/migrations/").stdout.decode()
            last[app] = max(Path(name).stem for name in listed.split() if Path(name).stem[0].isdigit())
        return last


def previous_release() -> Release:
    words = [line.split() for line in FILE.read_text().splitlines() if line and not line.startswith("#")]
    known = {name: value for name, value in words}  # noqa: C416 (each line must have two words)
    return Release(known.pop("commit"), known)


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, timeout=60, check=False)
