"""A real MinIO, where somebody has a binary: it is not on PyPI, and building it takes minutes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server

REPOSITORY = Path(__file__).resolve().parents[2]
CACHED = REPOSITORY / ".cache" / "bin" / "minio"
BUILD_SCRIPT = REPOSITORY / "scripts" / "build_minio.sh"


def missing() -> str | None:
    """Why there is no binary and what to do about it; None when there is one, or may be one on demand."""
    named = os.environ.get("MINIO_BIN")
    if named:
        return None if os.access(named, os.X_OK) else f"MINIO_BIN={named} is not an executable file"
    if CACHED.exists() or shutil.which("minio") or os.environ.get("MINIO_BUILD") == "1":
        return None
    return "set MINIO_BIN, run scripts/build_minio.sh once, or set MINIO_BUILD=1 (needs Go)"


def binary() -> str:
    """MINIO_BIN, an earlier build, the PATH, or with MINIO_BUILD=1 a build now; FileNotFoundError."""
    if named := os.environ.get("MINIO_BIN"):
        return named
    if not CACHED.exists() and os.environ.get("MINIO_BUILD") == "1":
        subprocess.run([str(BUILD_SCRIPT)], check=True, timeout=1800)
    found = str(CACHED) if CACHED.exists() else shutil.which("minio")
    if found is None:
        raise FileNotFoundError(missing())
    return found


def start(folder: Path) -> S3Server:
    """Start one with its data in `folder` and one empty bucket; the caller stops it."""
    port, console = free_ports(2)
    data = folder / "data"
    data.mkdir(exist_ok=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MINIO_")},
        "HOME": str(folder),
        "MINIO_ROOT_USER": ACCESS_KEY,
        "MINIO_ROOT_PASSWORD": SECRET_KEY,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "MINIO_CALLHOME_ENABLE": "off",
    }
    command = [
        binary(),
        "server",
        "--quiet",
        "--address",
        f"127.0.0.1:{port}",
        "--console-address",
        f"127.0.0.1:{console}",
        str(data),
    ]
    server = S3Server("MinIO", port, ServerProcess(command, folder, environment))
    server.process.wait_until(server.ready)
    return server
