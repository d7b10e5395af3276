"""fake-gcs-server, an emulator of Google Cloud Storage, where somebody has a binary. It does not check signatures."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import requests

from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess

CACHED = Path(__file__).resolve().parents[2] / ".cache" / "bin" / "fake-gcs-server"


def _find() -> str | None:
    """FAKE_GCS_BIN, an earlier build, or the PATH."""
    return os.environ.get("FAKE_GCS_BIN") or (str(CACHED) if CACHED.exists() else shutil.which("fake-gcs-server"))


def missing() -> str | None:
    """Why there is no binary and what to do about it; None when there is one."""
    if _find():
        return None
    return "scripts/build_fake_gcs.sh, or set FAKE_GCS_BIN"


@dataclass
class FakeGcs:
    """A running emulator; each test makes its own bucket."""

    port: int
    process: ServerProcess

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> bool:
        try:
            return requests.get(f"{self.endpoint}/_internal/healthcheck", timeout=2).ok
        except requests.RequestException:
            return False

    def create_bucket(self, name: str) -> str:
        """Its STORAGE_URL."""
        requests.post(f"{self.endpoint}/storage/v1/b?project=none", json={"name": name}, timeout=5).raise_for_status()
        return f"gs://{name}?credentials=anonymous&endpoint={quote(self.endpoint, safe='')}"

    def stop(self) -> None:
        self.process.stop()


def start(folder: Path) -> FakeGcs:
    """Start one that keeps its objects in memory; the caller stops it."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = [
        _find() or "fake-gcs-server",
        "-scheme",
        "http",
        "-host",
        "127.0.0.1",
        "-port",
        str(port),
        "-backend",
        "memory",
    ]
    command += ["-public-host", f"127.0.0.1:{port}", "-external-url", url, "-log-level", "error"]
    server = FakeGcs(port, ServerProcess(command, folder))
    server.process.wait_until(server.ready)
    return server
