"""OpenStack Swift with its S3 API, where the system has it: account, container, object and proxy server, one replica.

Debian: swift-proxy, swift-account, swift-container, swift-object. Nothing of /etc/swift is read or changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server

PROGRAMS = ("swift-ring-builder", "swift-account-server", "swift-container-server", "swift-object-server")
PACKAGES = "apt-get install swift-proxy swift-account swift-container swift-object"
BACKENDS = ("account", "container", "object")
PIPELINE = "catch_errors gatekeeper cache listing_formats bulk s3api tempauth copy slo dlo symlink proxy-server"
FILTERS = {
    **dict.fromkeys(("catch_errors", "gatekeeper", "listing_formats", "bulk", "copy", "slo", "dlo", "symlink"), ""),
    # tempauth asks for a cache; there is none behind it, and nothing of ours needs one.
    "cache": "memcache_servers = 127.0.0.1:1\nconnect_timeout = 0.05\ntries = 1",
    "s3api": "allow_multipart_uploads = true\nlocation = us-east-1\nmin_segment_size = 1\ncheck_bucket_owner = false",
    "tempauth": f"user_tests_{ACCESS_KEY} = {SECRET_KEY} .admin",
}
EGGS = {"cache": "memcache"}
FOLDER = Path(os.environ.get("TMPDIR", "/tmp"))


def missing() -> str | None:
    """Why it cannot run here and what to do about it; None when it can."""
    if any(shutil.which(program) is None for program in (*PROGRAMS, "swift-proxy-server")):
        return PACKAGES
    with tempfile.NamedTemporaryFile(dir=FOLDER) as file:
        try:
            os.setxattr(file.name, "user.swift.probe", b"x" * 200)
        except OSError as error:
            return f"{FOLDER} has no extended attributes for users ({error.strerror}): set TMPDIR"
    return None


@dataclass
class SwiftServer(S3Server):
    """The proxy is `process`; the others stop with it."""

    others: list[ServerProcess] = field(default_factory=list)

    def stop(self) -> None:
        super().stop()
        for other in self.others:
            other.stop(self.patience)


def start(folder: Path) -> S3Server:
    """Start one with its data in `folder` and one empty bucket; the caller stops it."""
    ports = dict(zip((*BACKENDS, "proxy"), free_ports(4), strict=True))
    (folder / "data" / "disk").mkdir(parents=True, exist_ok=True)
    (folder / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = tests\nswift_hash_path_prefix = tests\n"
        "[storage-policy:0]\nname = default\ndefault = yes\n"
    )
    for name in BACKENDS:
        _build_ring(folder, name, ports[name])
        (folder / f"{name}.conf").write_text(
            f"[DEFAULT]\n{_common(folder, ports[name])}devices = {folder}/data\nmount_check = false\n"
            f"fallocate_reserve = 0\n[pipeline:main]\npipeline = {name}-server\n"
            f"[app:{name}-server]\nuse = egg:swift#{name}\n"
        )
    filters = "".join(
        f"[filter:{name}]\nuse = egg:swift#{EGGS.get(name, name)}\n{options}\n" for name, options in FILTERS.items()
    )
    (folder / "proxy.conf").write_text(
        f"[DEFAULT]\n{_common(folder, ports['proxy'])}[pipeline:main]\npipeline = {PIPELINE}\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\nallow_account_management = true\n"
        + filters
    )
    others = [_serve(folder, name) for name in BACKENDS]
    server = SwiftServer(
        "Swift", ports["proxy"], _serve(folder, "proxy"), patience=3, access_key=f"tests:{ACCESS_KEY}", others=others
    )
    try:
        server.process.wait_until(server.ready)
    except RuntimeError:
        server.stop()
        raise
    return server


def _common(folder: Path, port: int) -> str:
    return f"bind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\nuser = {_user()}\nswift_dir = {folder}\n"


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _build_ring(folder: Path, name: str, port: int) -> None:
    builder = [shutil.which("swift-ring-builder") or "swift-ring-builder", f"{folder}/{name}.builder"]
    for arguments in (["create", "6", "1", "1"], ["add", f"r1z1-127.0.0.1:{port}/disk", "1"], ["rebalance"]):
        subprocess.run([*builder, *arguments], check=True, capture_output=True, cwd=folder, env=_environment())


def _serve(folder: Path, name: str) -> ServerProcess:
    place = folder / name
    place.mkdir(exist_ok=True)
    program = shutil.which(f"swift-{name}-server") or f"swift-{name}-server"
    return ServerProcess([program, f"{folder}/{name}.conf", "-v"], place, _environment())


def _environment() -> dict[str, str]:
    """The system's own Python, without what this one was told."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
