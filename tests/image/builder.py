"""Builds the Dockerfile without an engine and without a registry of images: buildah on a base made by debootstrap.

Everything is kept in .cache/image, so that a second run needs neither the base nor the packages again; where the kernel
lets us mount an overlay, steps of the Dockerfile whose input is the same are not done again either. Needs root: what a
layer holds belongs to several users.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from functools import cache
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
MOST_STEPS = 150
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
    driver = storage_driver()
    where = ["--root", CACHE / driver, "--runroot", CACHE / "run" / driver, "--storage-driver", driver]
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


@cache
def storage_driver() -> str:
    """`overlay` where it works, else `vfs`, for which every layer is a whole copy of all below it."""
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        for name in ("lower", "upper", "work", "merged"):
            Path(folder, name).mkdir()
        options = f"lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work"
        command = ["mount", "-t", "overlay", "overlay", "-o", options, f"{folder}/merged"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return "vfs"
        subprocess.run(["umount", f"{folder}/merged"], check=True)
    return "overlay"


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
    """IMAGE from the working tree. Returns how many seconds it took. One at a time: others wait, and find it done."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _build()


def _build() -> float:
    ensure_base()
    remove_leftovers()
    arguments = [f"--build-arg=PYTHON={BASE}"]
    if CERTIFICATES.exists():  # a machine behind a proxy of its own certificates builds with these
        arguments += [f"--volume={CERTIFICATES.parent}:{CERTIFICATES.parent}:ro"]
        arguments += [f"--build-arg={name}={CERTIFICATES}" for name in ("PIP_CERT", "NODE_EXTRA_CA_CERTS")]
    started = time.monotonic()
    layers = str(storage_driver() == "overlay").lower()
    options = ["--isolation=chroot", "--format=docker", f"--layers={layers}", "--pull-never"]
    buildah("build", *options, *arguments, "--tag", IMAGE, ".")
    return time.monotonic() - started


def remove_leftovers() -> None:
    """Working containers of earlier runs; and images without a name, which are steps of earlier builds. Of these vfs
    keeps a whole copy each; an overlay's are the cache, and go when they are too many.
    """
    for container in buildah("containers", "--quiet").split():
        buildah("rm", container)
    if storage_driver() == "vfs" or len(buildah("images", "--all", "--quiet").split()) > MOST_STEPS:
        buildah("rmi", "--prune", "--force")


def configuration() -> dict[str, object]:
    """What the image says of itself: User, Cmd, Env, Healthcheck, Volumes, ..."""
    found: dict[str, object] = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
    return found


def mounted() -> tuple[str, Path]:
    """A working container of IMAGE and the folder that shows its files."""
    container = buildah("from", "--pull-never", IMAGE)
    return container, Path(buildah("mount", container))


if __name__ == "__main__":  # scripts/test.sh builds it while other tests wait for something
    print(missing_tools() or f"built in {build():.0f} s")
