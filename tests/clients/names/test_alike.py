"""Real clients with names that are alike: every file stays what it is, here and there, run after run."""

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests

from tests.clients.names.owncloud import OwncloudCmd
from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.programs import Done, find, run
from tests.clients.rclone.client import Rclone
from tests.clients.request_log import RequestLog
from tests.clients.trees import Remote, local_tree
from tests.servers.product import Account, Product

pytestmark = pytest.mark.timeout(300)
ALIKE = ["README", "readme", "Maße", "Masse", "ﬁ", "fi", "ς", "σ", "I", "ı", "K", "k"]
RUNS = 3

Device = NextcloudCmd | OwncloudCmd


def fill(write: Callable[[str, bytes], object]) -> None:
    """Files and folders of each name, with alike names in the folders too; no two files hold the same."""
    for name in ALIKE:
        write(f"files/{name}", f"file {name}".encode())
        for inner in ALIKE[:4]:
            write(f"folders/{name}/{inner}.txt", f"{inner} in {name}".encode())


@pytest.fixture(params=[NextcloudCmd, OwncloudCmd], ids=["nextcloudcmd", "owncloudcmd"])
def devices(
    request: pytest.FixtureRequest, logging_product: Product, person: Account, tmp_path: Path
) -> tuple[Device, Device]:
    url = logging_product.base_url
    first, second = (request.param(tmp_path / name, url, person.email, person.token) for name in ("first", "second"))
    return first, second


def test_three_runs_of_two_devices(devices: tuple[Device, Device], remote: Remote, log: RequestLog) -> None:
    first, second = devices
    fill(first.write)
    wanted = first.tree()
    for _ in range(RUNS):
        for device in devices:
            device.sync()
            assert first.tree() == wanted, "nothing local was changed or deleted"
            assert remote.tree() == wanted
    assert second.tree() == wanted
    assert log.of("DELETE") == []
    assert log.of("MOVE") == []
    assert log.failures == []


def test_a_change_of_one_reaches_the_other_alone(devices: tuple[Device, Device], remote: Remote) -> None:
    first, second = devices
    fill(first.write)
    for device in devices:
        device.sync()
    first.write("files/readme", b"longer than it was before")
    (first.folder / "files" / "Masse").unlink()
    (first.folder / "folders" / "I").rename(first.folder / "folders" / "i")
    wanted = first.tree()
    for device in (first, second, first):
        device.sync()
        assert device.tree() == remote.tree() == wanted


def test_the_kelvin_sign_is_a_k(devices: tuple[Device, Device], remote: Remote) -> None:
    """One name by NFC: the file arrives, once, and stays."""
    first, second = devices
    first.write("\u212a.txt", b"kelvin")
    first.write("u\u0308.txt", b"from a Mac")
    for device in (first, second, first, second, first):
        device.sync()
    assert {path: remote.read(f"/{path}") for path in remote.tree()} == {"K.txt": b"kelvin", "ü.txt": b"from a Mac"}
    assert second.tree() == remote.tree()


def source_tree(folder: Path) -> None:
    """As Linux's sources have them: xt_CONNMARK.h and xt_connmark.h side by side."""
    for name in ("connmark", "dscp", "mark", "rateest", "tcpmss", "hl", "ttl", "ecn"):
        for spelling in (name, name.upper()):
            path = folder / "include" / "uapi" / "linux" / "netfilter" / f"xt_{spelling}.h"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"/* {spelling} */\n")
    (folder / "Makefile").write_text("all:\n")
    (folder / "makefile").write_text("none:\n")
    fill(lambda path, data: _write(folder / "alike" / path, data))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize("vendor", ["nextcloud", "owncloud", "other"])
def test_rclone_copies_and_checks(
    logging_product: Product, person: Account, vendor: str, tmp_path: Path, remote: Remote
) -> None:
    answer = requests.get(
        f"{logging_product.base_url}/ocs/v1.php/cloud/user?format=json",
        auth=(person.email, person.token),
        headers={"OCS-APIRequest": "true"},
        timeout=30,
    )
    user_id = str(answer.json()["ocs"]["data"]["id"])
    rclone = Rclone(
        tmp_path / "rclone", logging_product.base_url, person.email, person.token, vendor=vendor, user_id=user_id
    )
    folder = tmp_path / "linux"
    source_tree(folder)
    rclone.do("copy", str(folder), "ours:linux")
    rclone.do("check", "--download", str(folder), "ours:linux")
    assert remote.tree("/linux") == local_tree(folder)
    rclone.do("sync", str(folder), "ours:linux")
    rclone.do("copy", "ours:linux", str(tmp_path / "back"))
    assert local_tree(tmp_path / "back") == local_tree(folder) == remote.tree("/linux")


class Git:
    """A repository at `folder`, and a bare one in the account, reached by WebDAV."""

    def __init__(self, place: Path, url: str) -> None:
        self.place, self.url = place, url
        self.folder = place / "work"
        self.folder.mkdir(parents=True)

    def do(self, *words: str, folder: Path | None = None) -> Done:
        settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
        where = ["-C", str(folder or self.folder)]
        return run([find("git"), *settings, *where, *words], home=self.place / "home").ok()


def test_git_pushes_branches_that_differ_by_case(
    logging_product: Product, person: Account, tmp_path: Path, remote: Remote
) -> None:
    parts = urlsplit(logging_product.base_url)
    url = f"{parts.scheme}://{quote(person.email)}:{person.token}@{parts.netloc}/dav/repository.git/"
    git = Git(tmp_path, url)
    git.do("init", "--quiet", "--initial-branch=main")
    bare = tmp_path / "repository.git"
    git.do("init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git.do("update-server-info", folder=bare)
    for path, value in sorted(local_tree(bare).items()):
        if value == "folder":
            remote.make_folder(f"/repository.git/{path}")
        else:
            remote.write(f"/repository.git/{path}", (bare / path).read_bytes())
    commits = {}
    for branch in ("main", "Feature/x", "feature/x", "FEATURE/X"):
        git.do("checkout", "--quiet", "--orphan", branch)
        (git.folder / "README").write_text(f"of {branch}")
        (git.folder / "readme").write_text(f"small, of {branch}")
        git.do("add", "README", "readme")
        git.do("commit", "--quiet", "--message", branch)
        commits[branch] = git.do("rev-parse", "HEAD").text.strip()
        git.do("push", "--quiet", url, branch)
    heads = {path: remote.read(f"/repository.git/refs/heads/{path}").decode().strip() for path in commits}
    assert heads == commits
    for branch, commit in commits.items():
        clone = tmp_path / branch.replace("/", " ")
        shutil.rmtree(clone, ignore_errors=True)
        git.do("clone", "--quiet", "--branch", branch, url, str(clone), folder=tmp_path)
        assert git.do("rev-parse", "HEAD", folder=clone).text.strip() == commit
        assert (clone / "README").read_text() == f"of {branch}"
        assert (clone / "readme").read_text() == f"small, of {branch}"
