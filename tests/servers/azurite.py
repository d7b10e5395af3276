"""Azurite, Microsoft's emulator of Azure Blob Storage, where somebody has it (npm install azurite)."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from azure.core.exceptions import AzureError
from azure.storage.blob import BlobServiceClient

from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess

# The account that every Azurite has; published in Microsoft's documentation, a secret nowhere.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


CACHED = Path(__file__).resolve().parents[2] / ".cache" / "azurite" / "node_modules" / ".bin" / "azurite-blob"


def _find() -> str | None:
    """AZURITE_BIN (its azurite-blob), what scripts/install_azurite.sh has installed, or the PATH."""
    return os.environ.get("AZURITE_BIN") or (str(CACHED) if CACHED.exists() else shutil.which("azurite-blob"))


def missing() -> str | None:
    """Why there is no program and what to do about it; None when there is one."""
    return None if _find() else "scripts/install_azurite.sh, or set AZURITE_BIN"


@dataclass
class Azurite:
    """A running emulator; each test makes its own container."""

    port: int
    process: ServerProcess

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    def ready(self) -> bool:
        try:
            self.create_container("ready")
        except AzureError:
            return False
        return True

    def create_container(self, name: str) -> str:
        """Its STORAGE_URL."""
        credential = {"account_name": ACCOUNT, "account_key": KEY}
        options = {"retry_total": 0, "connection_timeout": 2}
        with BlobServiceClient(self.endpoint, credential=credential, **options) as service:
            service.create_container(name)
        return f"azure://{ACCOUNT}:{quote(KEY, safe='')}@{name}?endpoint={quote(self.endpoint, safe='')}"

    def stop(self) -> None:
        self.process.stop()


def start(folder: Path) -> Azurite:
    """Start one with its data in `folder`; the caller stops it."""
    (port,) = free_ports(1)
    command = [
        _find() or "azurite-blob",
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        str(port),
        "--location",
        str(folder),
        "--silent",
    ]
    command += ["--skipApiVersionCheck", "--disableTelemetry"]
    server = Azurite(port, ServerProcess(command, folder))
    server.process.wait_until(server.ready)
    return server
