"""Gets the peers and wrk: Debian's packages as root, PyPI's into a venv of their own."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from benchmarks.servers.base import Missing

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".cache" / "bench-venv"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


@cache
def python_peers() -> Path:
    """The folder of the peers' programs. Raises Missing."""
    stamp = VENV / ".installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        say("installing benchmarks/requirements.txt into .cache/bench-venv")
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        try:
            subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
            subprocess.run([*pip, "--requirement", str(REQUIREMENTS)], check=True)
        except subprocess.CalledProcessError as error:
            raise Missing(f"pip could not install it: {error}") from error
        stamp.write_text(wanted)
    return VENV / "bin"


def debian(what: str, *packages: str, needs: Sequence[str]) -> None:
    """Installs Debian packages unless every file of `needs` is there. Raises Missing."""
    if all(shutil.which(path) or Path(path).exists() for path in needs):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Missing(f"please run: sudo apt-get install --no-install-recommends {' '.join(packages)}")
    say(f"installing the Debian packages of {what}: {' '.join(packages)}")
    # Nothing is to start a service of its own.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in (install, ["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=environment, stdout=sys.stderr, check=False)
        if command is install and done.returncode == 0:
            return
    raise Missing(f"apt-get could not install {' '.join(packages)}")
