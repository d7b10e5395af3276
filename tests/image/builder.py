"""Builds the Dockerfile without an engine and without a registry of images: buildah on a base made by debootstrap.

Everything is kept in .cache/image, so that a second run needs neither the base nor the packages again. Needs root: what
a layer holds belongs to several users.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "image"
SUITE = "bookworm"
# python:3.11-slim-bookworm is the same Debian with a Python of its own.
BASE_PACKAGES = (
    "ca-certificates",
    "python3-minimal",
    "python3.11-venv",
    # debootstrap does not follow what these provide: they are what python3.11-venv needs
    "python3-distutils",
    "python3-lib2to3",
    "python3-pip-whl",
    "python3-setuptools-whl",
)
BASE = f"localhost/dropbox_clone_base:{SUITE}"
IMAGE = "localhost/dropbox_clone:test"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def missing_tools() -> str:
    """What keeps this machine from building, or ""."""
    if os.geteuid() != 0:
        return "root is needed to make a file system of several users"
    wanting = [tool for tool in ("buildah", "debootstrap", "unshare", "setpriv") if shutil.which(tool) is None]
    return f"{', '.join(wanting)} missing: apt-get install buildah debootstrap" if wanting else ""


def buildah(*arguments: str | Path, cwd: Path = ROOT) -> str:
    """Its output. RuntimeError with the end of its messages when it fails."""
    temporary = CACHE / "tmp"  # also where buildah keeps what RUN --mount=type=cache leaves
    temporary.mkdir(parents=True, exist_ok=True)
    where = ["--root", CACHE / "storage", "--runroot", CACHE / "run", "--storage-driver", "vfs"]
    done = subprocess.run(
        ["buildah", *where, *arguments],
        cwd=cwd,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"buildah {arguments[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout.strip()


def ensure_base() -> None:
    """A minimal Debian with its Python, as an image; made once."""
    if buildah("images", "--quiet", "--filter", f"reference={BASE}"):
        return
    folder = CACHE / "base"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(BASE_PACKAGES)}", SUITE, folder, *mirror()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise RuntimeError(f"debootstrap failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    for leftover in ("var/cache/apt", "var/lib/apt/lists", "var/log"):
        shutil.rmtree(folder / leftover)
        (folder / leftover).mkdir()
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, folder, "/")
    buildah("commit", "--quiet", "--rm", container, BASE)
    shutil.rmtree(folder)


def mirror() -> list[str]:
    """Debian's address as this machine knows it, for debootstrap; nothing for its own default."""
    for path in (*Path("/etc/apt/sources.list.d").glob("*.sources"), Path("/etc/apt/sources.list")):
        if not path.exists():
            continue
        for line in path.read_text().splitlines():
            words = line.split()
            if words[:1] in (["URIs:"], ["deb"]):
                address = next((word for word in words if "://" in word and "security" not in word), "")
                if address:
                    return [address]
    return []


def build() -> float:
    """IMAGE from the working tree. Returns how many seconds it took."""
    ensure_base()
    remove_leftovers()
    arguments = [f"--build-arg=PYTHON={BASE}"]
    if CERTIFICATES.exists():  # a machine behind a proxy of its own certificates builds with these
        arguments += [f"--volume={CERTIFICATES.parent}:{CERTIFICATES.parent}:ro"]
        arguments += [f"--build-arg={name}={CERTIFICATES}" for name in ("PIP_CERT", "NODE_EXTRA_CA_CERTS")]
    started = time.monotonic()
    options = ["--isolation=chroot", "--format=docker", "--layers=false", "--pull-never"]
    buildah("build", *options, *arguments, "--tag", IMAGE, ".")
    return time.monotonic() - started


def remove_leftovers() -> None:
    """Working containers of earlier runs and images without a name: vfs keeps a whole copy of each."""
    for container in buildah("containers", "--quiet").split():
        buildah("rm", container)
    buildah("rmi", "--prune", "--force")


def configuration() -> dict[str, object]:
    """What the image says of itself: User, Cmd, Env, Healthcheck, Volumes, ..."""
    found: dict[str, object] = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
    return found


def mounted() -> tuple[str, Path]:
    """A working container of IMAGE and the folder that shows its files."""
    container = buildah("from", "--pull-never", IMAGE)
    return container, Path(buildah("mount", container))
