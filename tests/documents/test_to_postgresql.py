"""An installation on SQLite moves to PostgreSQL by the commands of its page, and loses nothing."""

import os
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients.mounts.team import wait_until
from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import ROOT, Account, Product, start_product
from tests.support.run_page import run_page

PAGE = "docs/operations/to_postgresql.md"
EXAMPLE = "postgresql://dropbox_clone:password@127.0.0.1:5432/dropbox_clone"
KEY = "only-for-tests-only-for-tests-only-for-tests"

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


def send(product: Product, account: Account, method: str, path: str, **arguments: object) -> requests.Response:
    response = requests.request(  # type: ignore[arg-type]
        method, f"{product.base_url}{path}", headers=account.headers, timeout=60, **arguments
    )
    assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
    return response


def _to_the_millisecond(journal: dict[str, Any]) -> list[dict[str, Any]]:
    """JSON of Django has no more, as the page says."""
    return [{**item, "at": item["at"][:23]} for item in journal["items"]]


def _has_mount(product: Product, account: Account) -> bool:
    journal = send(product, account, "GET", "/api/v1/journal").json()
    return any(item["client"] == "mounts" for item in journal["items"])


def test_everything_comes_along(tmp_path: Path, postgresql_server: PostgresqlServer) -> None:
    large = os.urandom(3_000_000)
    (tmp_path / "old").mkdir()
    with start_product(tmp_path / "old", with_worker=True) as old:
        ada = old.create_account("ada@example.com", quota="1GB", admin=True)
        send(old, ada, "PUT", "/api/v1/content/a/b/large.bin", data=large)
        for text in (b"first words", b"second words"):
            send(old, ada, "PUT", "/api/v1/content/a/note.txt", data=text)
        send(old, ada, "PUT", "/api/v1/content/gone.txt", data=b"in the trash")
        send(old, ada, "POST", "/api/v1/trash", json={"paths": ["/gone.txt"]})
        send(old, ada, "POST", "/api/v1/spaces", json={"name": "Marketing"})
        upload = send(old, ada, "POST", "/api/v1/uploads", json={"path": "/half.bin", "length": 10}).json()["id"]
        send(old, ada, "PUT", f"/api/v1/uploads/{upload}/pieces/0", data=b"01234")
        usage = send(old, ada, "GET", "/api/v1/usage").json()
        # the space is mounted in Ada's files by a job, which writes its line in the journal
        wait_until(lambda: _has_mount(old, ada), "the mount")
        journal = send(old, ada, "GET", "/api/v1/journal").json()
    (old.data_dir / "secret_key").write_text(KEY)
    del old.environment["SECRET_KEY"]

    url = postgresql_server.create_database("moved")
    said = run_page(PAGE, old, tmp_path, replacements={EXAMPLE: url})
    assert "DATA LOSS" not in said

    again = {"DATABASE_URL": url, "SECRET_KEY": KEY, "STORAGE_URL": f"file://{old.data_dir}/blobs"}
    (tmp_path / "new").mkdir()
    with start_product(tmp_path / "new", **again) as new:
        assert send(new, ada, "GET", "/api/v1/content/a/b/large.bin").content == large
        assert send(new, ada, "GET", "/api/v1/content/a/note.txt").content == b"second words"
        assert send(new, ada, "GET", "/api/v1/usage").json() == usage
        assert _to_the_millisecond(send(new, ada, "GET", "/api/v1/journal").json()) == _to_the_millisecond(journal)
        assert send(new, ada, "GET", "/api/v1/search?q=second").json()["total"] == 1
        assert [item["node"]["name"] for item in send(new, ada, "GET", "/api/v1/trash").json()["items"]] == ["gone.txt"]
        # ids and numbers go on behind those that came along
        send(new, ada, "PUT", f"/api/v1/uploads/{upload}/pieces/5", data=b"56789")
        send(new, ada, "POST", f"/api/v1/uploads/{upload}/finish", json={})
        send(new, ada, "PUT", "/api/v1/content/new.txt", data=b"after")
        send(new, ada, "POST", "/api/v1/tokens", json={"name": "after", "scopes": ["read"]})
        new.manage("createaccount", "grace@example.com", "--password-stdin", input_text="a long passphrase\n")
        new.manage("fsck", "--hash")
    assert (ROOT / PAGE).exists()
