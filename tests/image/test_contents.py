"""What is in the image, and what must not be."""

import stat
import subprocess
from pathlib import Path

import pytest

from tests.deploy.test_dockerfile import PACKAGES
from tests.image.conftest import Image, RunContainer

pytestmark = pytest.mark.timeout(1500)  # the first test builds it
ROOT = Path(__file__).resolve().parents[2]
LARGEST_APPLICATION = 330 * 2**20  # bytes of /app; python:3.11-slim-bookworm below it is some 130 MB


def test_it_was_built(image: Image) -> None:
    size = sum(path.lstat().st_size for path in (image.files / "app").rglob("*"))
    whole = sum(path.lstat().st_size for path in image.files.rglob("*") if not path.is_symlink())
    print(f"built in {image.build_seconds:.0f} s; /app {size / 1e6:.0f} MB, all {whole / 1e6:.0f} MB")
    assert size < LARGEST_APPLICATION


def test_how_it_runs(image: Image) -> None:
    configuration = image.configuration
    assert configuration["User"] == "10001:10001"
    assert configuration["Cmd"] == ["python", "-m", "dropbox_clone.supervisor"]
    assert not configuration.get("Entrypoint")
    assert configuration["StopSignal"] == "SIGTERM"
    assert configuration["Healthcheck"]["Test"] == ["CMD", "python", "-m", "dropbox_clone.probe"]
    assert list(configuration["Volumes"]) == ["/data"]
    assert not any("CERT" in line or "KEY" in line for line in configuration["Env"])


def test_nothing_can_be_built_or_fetched_in_it(image: Image) -> None:
    tools = ("cc", "gcc", "g++", "c++", "clang", "make", "ld", "as", "git", "curl", "wget", "npm", "node")
    folders = ("usr/bin", "usr/local/bin", "usr/sbin", "app/.venv/bin")
    found = [f"{folder}/{tool}" for folder in folders for tool in tools if (image.files / folder / tool).exists()]
    assert found == []
    packages = next((image.files / "app/.venv/lib").glob("python3*/site-packages"))
    assert not (packages / "pip").exists()
    assert not list(packages.glob("pytest*")), "requirements-dev.txt is not for the image"


def test_only_the_product_is_in_it(image: Image) -> None:
    assert sorted(path.name for path in (image.files / "app").iterdir()) == [
        ".venv",
        "accounts",
        "common",
        "constraints.txt",
        "dropbox_clone",
        "files",
        "frontend",
        "http_kit",
        "manage.py",
        "protocols",
        "requirements-node.lock",
        "requirements-otel.lock",
        "requirements-otel.txt",
        "requirements.lock",
        "requirements.txt",
        "search",
        "sharing",
        "static_build",
        "storage",
        "templates",
    ]
    assert [path.name for path in (image.files / "app/frontend").iterdir()] == ["dist"]
    assert list((image.files / "data").iterdir()) == [], "a key made in the build would be everybody's"
    assert list((image.files / "tmp").iterdir()) == []
    suspicious = (".env", ".git", "secret_key", "db.sqlite3", "id_rsa", ".npmrc", ".netrc")
    found = [path for path in (image.files / "app").rglob("*") if path.name in suspicious]
    assert found == []


def test_every_committed_module_is_in_it(image: Image) -> None:
    apps = (*PACKAGES, "templates")
    listed = subprocess.run(["git", "ls-files", "-z", *apps], cwd=ROOT, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    assert len(names) > 300
    assert [name for name in names if not (image.files / "app" / name).exists()] == []


def test_it_belongs_to_root_and_has_no_privileges_to_gain(image: Image) -> None:
    writable = []
    for path in (image.files / "app").rglob("*"):
        status = path.lstat()
        if not stat.S_ISLNK(status.st_mode) and (status.st_uid != 0 or status.st_mode & 0o022):
            writable.append(str(path))
    assert writable == []
    data = (image.files / "data").stat()
    assert (data.st_uid, data.st_gid, stat.S_IMODE(data.st_mode)) == (10001, 10001, 0o700)


def test_the_root_is_read_only_and_the_user_is_nobody_special(run_container: RunContainer) -> None:
    script = """
import os, pathlib
assert os.getuid() == os.getgid() == 10001 and os.getpid() == 1
for name in ("/x", "/app/x", "/etc/x", "/data/x"):
    try:
        pathlib.Path(name).touch()
    except OSError:
        continue
    raise SystemExit(f"{name} could be written")
pathlib.Path("/tmp/x").touch()
effective = [line for line in open("/proc/self/status") if line.startswith(("CapEff", "NoNewPrivs"))]
assert [line.split()[1] for line in effective] == ["0000000000000000", "1"], effective
"""
    container = run_container(["python", "-c", script])
    assert container.wait(30) == 0, container.text
