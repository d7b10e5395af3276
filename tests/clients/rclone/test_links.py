"""rclone on a public link: nobody's account, the address of the link alone, or its password."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients.programs import Done, find, run
from tests.clients.trees import Remote, local_tree, make_tree
from tests.servers.product import Account, Product

pytestmark = pytest.mark.timeout(240)
PASSWORD = "sea and sand"


@dataclass
class Linked:
    """`link:` in an argument is what the link leads to."""

    home: Path
    url: str
    user: str = ""
    password: str = ""

    def attempt(self, *words: str, stdin: bytes = b"") -> Done:
        environment = {
            "RCLONE_CONFIG": str(self.home / "rclone.conf"),
            "RCLONE_CONFIG_LINK_TYPE": "webdav",
            "RCLONE_CONFIG_LINK_URL": self.url,
            "RCLONE_CONFIG_LINK_VENDOR": "nextcloud" if "/dav/files/" in self.url else "other",
        }
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "rclone.conf").touch()
        if self.user:
            environment["RCLONE_CONFIG_LINK_USER"] = self.user
        if self.password:
            obscured = run([find("rclone"), "obscure", self.password], home=self.home).ok().text.strip()
            environment["RCLONE_CONFIG_LINK_PASS"] = obscured
        options = ["--retries", "1", "--low-level-retries", "1", "--stats", "0"]
        return run([find("rclone"), *words, *options], home=self.home, environment=environment, stdin=stdin)

    def do(self, *words: str, stdin: bytes = b"") -> Done:
        return self.attempt(*words, stdin=stdin).ok()


@pytest.fixture
def folder(remote: Remote, tmp_path: Path) -> Path:
    """What is at /shared of the account, and beside it a file that nobody may see."""
    here = tmp_path / "here"
    make_tree(here, 20, seed=7, each=10)
    (here / "large.bin").write_bytes(os.urandom(3_000_000))
    (here / "ü #?%.txt").write_bytes(b"odd")
    for path in sorted(here.rglob("*")):
        if path.is_file():
            remote.write(f"/shared/{path.relative_to(here)}", path.read_bytes())
    remote.write("/secret.txt", b"secret")
    return here


def make_link(product: Product, person: Account, **settings: Any) -> str:
    answer = requests.post(
        f"{product.base_url}/api/v1/links", json={"path": "/shared", **settings}, headers=person.headers, timeout=30
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


@pytest.fixture(params=["by token", "by name"])
def as_mounted(request: pytest.FixtureRequest, logging_product: Product, tmp_path: Path) -> Any:
    base = logging_product.base_url

    def mounted(token: str, password: str = "") -> Linked:
        if request.param == "by token":
            user = "anonymous" if password else ""
            return Linked(tmp_path / "rclone", f"{base}/public.php/dav/files/{token}", user, password)
        return Linked(tmp_path / "rclone", f"{base}/public.php/webdav", token, password)

    return mounted


def test_a_viewer_copies_checks_and_writes_nothing(
    logging_product: Product, person: Account, remote: Remote, folder: Path, as_mounted: Any, tmp_path: Path
) -> None:
    rclone = as_mounted(make_link(logging_product, person))
    listed = rclone.do("lsf", "-R", "--files-only", "link:").text.splitlines()
    assert sorted(listed) == sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    back = tmp_path / "back"
    rclone.do("copy", "link:", str(back))
    assert local_tree(back) == local_tree(folder)
    rclone.do("check", "--download", str(folder), "link:")
    before = remote.tree()
    for words in (
        ("copyto", str(folder / "large.bin"), "link:new.bin"),
        ("mkdir", "link:new"),
        ("deletefile", "link:large.bin"),
        ("moveto", "link:large.bin", "link:moved.bin"),
        ("purge", "link:"),
    ):
        assert rclone.attempt(*words).code != 0, words
    assert remote.tree() == before


def test_an_editor_syncs(
    logging_product: Product, person: Account, remote: Remote, folder: Path, as_mounted: Any
) -> None:
    rclone = as_mounted(make_link(logging_product, person, role="editor", password=PASSWORD), PASSWORD)
    (folder / "large.bin").unlink()
    (folder / "new").mkdir()
    (folder / "new" / "new.txt").write_bytes(b"new")
    rclone.do("sync", str(folder), "link:")
    assert remote.tree("/shared") == local_tree(folder)
    assert remote.read("/secret.txt") == b"secret"
    rclone.do("rcat", "link:streamed.bin", stdin=b"x" * 1_000_000)
    assert remote.read("/shared/streamed.bin") == b"x" * 1_000_000


def test_without_the_password_nothing_is_told(
    logging_product: Product, person: Account, folder: Path, as_mounted: Any
) -> None:
    token = make_link(logging_product, person, password=PASSWORD)
    for password in ("", "not the password"):
        done = as_mounted(token, password).attempt("lsf", "link:")
        assert done.code != 0
        assert "large.bin" not in done.output


def test_a_file_request_takes_files_and_shows_none(
    logging_product: Product, person: Account, remote: Remote, folder: Path, as_mounted: Any, tmp_path: Path
) -> None:
    rclone = as_mounted(make_link(logging_product, person, role="uploader"))
    assert rclone.do("lsf", "link:").text == ""
    mine = tmp_path / "large.bin"
    mine.write_bytes(b"mine")
    before = remote.read("/shared/large.bin")
    rclone.attempt("copyto", "--ignore-times", str(mine), "link:large.bin")  # it looks for it afterwards, in vain
    assert remote.read("/shared/large.bin") == before
    assert remote.read("/shared/large (2).bin") == b"mine"
