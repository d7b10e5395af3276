"""A disk that is really full, under every way to upload: refused with a stable code, nothing half-done, and all well
again when there is space. The disk is a small tmpfs, which only root may mount."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.servers.product import PASSWORD, Account, Product, start_product
from tests.support.clients import PIECE, metadata

pytestmark = pytest.mark.timeout(240)

MOUNTED = 48 << 20  # bytes
BIG, SMALL = os.urandom(4_500_000), os.urandom(100)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MOUNTED}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a full disk is not tried here: mounting a tmpfs needs root ({mounted.stderr.decode().strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> None:
    """To the last byte: in large steps, then in small ones."""
    for step in (1 << 20, 4096, 1):
        try:
            with open(disk / f"filler-{step}", "wb", buffering=0) as file:
                while file.write(b"x" * step) == step:
                    pass
        except OSError:
            continue


def empty(disk: Path) -> None:
    for filler in disk.glob("filler-*"):
        filler.unlink()


class Endpoints:
    """Every way to bring bytes in. Sessions are opened while there is space, as one that is under way would be."""

    def __init__(self, product: Product, account: Account) -> None:
        self.url, self.headers = product.base_url, account.headers
        self.tus = {**account.headers, "Tus-Resumable": "1.0.0"}
        opened = self.ask("POST", "/api/v1/uploads", json={"path": "/piece.bin", "length": len(BIG)})
        self.session = opened.json()["id"]
        more = {"Upload-Length": str(len(BIG)), "Upload-Metadata": metadata(filename="tus.bin")}
        self.upload = self.ask("POST", "/tus/", headers={**self.tus, **more}).headers["Location"]

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return requests.request(method, f"{self.url}{path}", headers=headers, timeout=60, **more)

    def uploads(self) -> dict[str, requests.Response]:
        """The answer of each endpoint to bytes."""

        def chunks() -> Iterator[bytes]:
            yield from (BIG[start : start + 65536] for start in range(0, len(BIG), 65536))

        content, patch = "/api/v1/content", {**self.tus, "Upload-Offset": "0", "Content-Type": PIECE}
        return {
            "small": self.ask("PUT", f"{content}/small.bin", data=SMALL),
            "announced": self.ask("PUT", f"{content}/announced.bin", data=BIG),
            "chunked": self.ask("PUT", f"{content}/chunked.bin", data=chunks()),
            "overwrite": self.ask("PUT", f"{content}/before.txt", data=BIG[:9]),
            "piece": self.ask("PUT", f"/api/v1/uploads/{self.session}/pieces/0", data=BIG),
            "bulk": self.ask("POST", "/api/v1/bulk", files={"b/1": ("1", SMALL[:9]), "b/2": ("2", BIG[:-1])}),
            "tus": self.ask("PATCH", self.upload, data=BIG, headers=patch),
        }

    def writes_of_rows(self) -> dict[str, requests.Response]:
        return {
            "open": self.ask("POST", "/api/v1/uploads", json={"path": "/later.bin", "length": 4}),
            "tus": self.ask("POST", "/tus/", headers={**self.tus, "Upload-Length": "5"}),
            "folder": self.ask("POST", "/api/v1/folders", json={"path": "/f"}, headers={"Idempotency-Key": "k"}),
            "token": self.ask("POST", "/api/v1/tokens", json={"name": "n", "scopes": ["read"]}),
        }

    def names(self) -> list[str]:
        return sorted(item["name"] for item in self.ask("GET", "/api/v1/folders").json()["items"])


def sign_in(product: Product, account: Account) -> int:
    session = requests.Session()
    session.get(f"{product.base_url}/accounts/login/", timeout=30)
    form = {"csrfmiddlewaretoken": session.cookies["csrf"], "login": account.email, "password": PASSWORD}
    headers = {"Referer": f"{product.base_url}/accounts/login/"}
    answer = session.post(f"{product.base_url}/accounts/login/", data=form, headers=headers, timeout=60)
    assert answer.status_code != 200 or session.cookies.get("session")
    return answer.status_code


@pytest.mark.parametrize(
    "full", ["everything", *(pytest.param(one, marks=pytest.mark.long) for one in ("objects", "database"))]
)
def test_a_full_disk(full: str, disk: Path, tmp_path: Path) -> None:
    variables: dict[str, Any] = {
        "everything": {"DATA_DIR": str(disk / "data")},
        "objects": {"STORAGE_URL": f"file://{disk}/blobs"},
        "database": {"DATABASE_URL": f"sqlite://{disk}/db.sqlite3"},
    }[full]
    with start_product(tmp_path, FREE_DISK_FLOOR="0", **variables) as product:
        account = product.create_account("ada@example.com")
        content = f"{product.base_url}/api/v1/content/before.txt"
        assert requests.put(content, data=b"before", headers=account.headers, timeout=30).status_code == 201
        endpoints = Endpoints(product, account)
        fill(disk)
        for endpoint, answer in endpoints.uploads().items():
            assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), (endpoint, answer.text)
        if full != "objects":
            for endpoint, answer in endpoints.writes_of_rows().items():
                assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), (endpoint, answer.text)
            assert sign_in(product, account) == 503
        assert endpoints.names() == ["before.txt"]
        assert endpoints.ask("GET", "/api/v1/content/before.txt").content == b"before"
        assert endpoints.ask("HEAD", endpoints.upload, headers=endpoints.tus).headers["Upload-Offset"] == "0"
        assert not list(disk.rglob(".tmp/*"))

        empty(disk)
        product.manage("fsck", "--hash")  # fails when anything is wrong
        answers = endpoints.uploads()
        assert {endpoint: answer.status_code for endpoint, answer in answers.items() if not answer.ok} == {}
        assert [item["error"] for item in answers["bulk"].json()["items"]] == [None, None]
        assert endpoints.ask("POST", f"/api/v1/uploads/{endpoints.session}/finish", json={}).ok
        assert all(answer.ok for answer in endpoints.writes_of_rows().values())
        assert sign_in(product, account) == 200
        for name, data in (("announced", BIG), ("chunked", BIG), ("piece", BIG), ("tus", BIG), ("small", SMALL)):
            assert endpoints.ask("GET", f"/api/v1/content/{name}.bin").content == data
        product.manage("fsck", "--hash")
        assert "Traceback" not in product.log or full != "objects"


def test_a_floor_of_free_disk(disk: Path, tmp_path: Path) -> None:
    """As long as less than the floor would be left, no way in takes a byte of it; what fits still goes in."""
    with start_product(tmp_path, STORAGE_URL=f"file://{disk}/blobs", FREE_DISK_FLOOR="16MiB") as product:
        account = product.create_account("ada@example.com")
        endpoints = Endpoints(product, account)
        content = f"{product.base_url}/api/v1/content/before.txt"
        assert requests.put(content, data=b"before", headers=account.headers, timeout=30).status_code == 201
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "filler-1").write_bytes(bytes(free - (18 << 20)))
        for endpoint, answer in endpoints.uploads().items():
            expected = {"small": 201, "overwrite": 200}.get(endpoint, 507)
            assert answer.status_code == expected, (endpoint, answer.text)
            assert answer.ok or answer.json()["code"] == "storage_full"
        assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize >= 16 << 20
        assert not list(disk.rglob(".tmp/*"))
        empty(disk)
        assert all(answer.ok for answer in endpoints.uploads().values())
        product.manage("fsck", "--hash")
