"""rclone against the running product: the ways that it knows to use a server, with the eyes of three vendors."""

import hashlib
import os
from pathlib import Path

import pytest

from tests.clients.rclone.client import CHUNK, VENDORS, Rclone
from tests.clients.request_log import RequestLog
from tests.clients.rows import count
from tests.clients.trees import Remote, Tree, local_tree, make_tree, odd_names
from tests.servers.product import Account, Product

pytestmark = pytest.mark.timeout(240)
OLD = 1_500_000_000  # seconds


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A tree on this machine: three folders, an empty file, a large one, odd names, a time in 2017."""
    folder = tmp_path / "here"
    make_tree(folder, 30, seed=5, each=10)
    (folder / "empty.txt").touch()
    (folder / "large.bin").write_bytes(os.urandom(CHUNK * 2 + 12_345))
    for number, name in enumerate(odd_names()):
        (folder / name).write_bytes(b"%d" % number)
    os.utime(folder / "folder 00" / "file 0000.bin", (OLD, OLD))
    return folder


def files_only(tree: Tree) -> Tree:
    return {path: value for path, value in tree.items() if value != "folder"}


@pytest.mark.parametrize("vendor", VENDORS, indirect=True)
def test_copy_check_and_back(rclone: Rclone, here: Path, remote: Remote, tmp_path: Path, log: RequestLog) -> None:
    rclone.do("copy", str(here), "ours:backup")
    assert remote.tree("/backup") == local_tree(here)
    rclone.do("check", "--download", str(here), "ours:backup")
    rclone.do("check", str(here), "ours:backup")
    back = tmp_path / "back"
    rclone.do("copy", "ours:backup", str(back))
    assert local_tree(back) == local_tree(here)
    assert log.failures == []


def test_copy_again_sends_nothing(rclone: Rclone, here: Path, log: RequestLog) -> None:
    rclone.do("copy", str(here), "ours:")
    log.clear()
    rclone.do("copy", str(here), "ours:")
    assert log.methods.keys() <= {"PROPFIND", "OPTIONS"}, log.methods


def test_sync_makes_it_the_same(rclone: Rclone, here: Path, remote: Remote) -> None:
    rclone.do("sync", str(here), "ours:")
    (here / "folder 00" / "file 0001.bin").write_bytes(b"changed")
    (here / "folder 01" / "file 0011.bin").unlink()
    (here / "new").mkdir()
    (here / "new" / "new.txt").write_bytes(b"new")
    remote.write("/only there.txt", b"to go")
    rclone.do("sync", str(here), "ours:")
    assert remote.tree() == local_tree(here)


@pytest.mark.parametrize("vendor", VENDORS, indirect=True)
def test_times(rclone: Rclone, vendor: str, here: Path, remote: Remote) -> None:
    """The vendors of clouds have them; for the others rclone does without."""
    rclone.do("copy", str(here / "folder 00"), "ours:times")
    found = {row["Name"]: row for row in rclone.json("lsjson", "ours:times")}
    if vendor == "other":
        return
    assert found["file 0000.bin"]["ModTime"].startswith("2017-07-14T02:40:00")
    assert remote.metadata("/times/file 0000.bin")["modified_at"] == "2017-07-14T02:40:00Z"
    rclone.do("touch", "--timestamp", "2001-02-03T04:05:06", "ours:times/file 0001.bin")
    found = {row["Name"]: row for row in rclone.json("lsjson", "ours:times")}
    assert found["file 0001.bin"]["ModTime"].startswith("2001-02-03T04:05:06")


def test_hashes(rclone: Rclone, vendor: str, here: Path) -> None:
    rclone.do("copy", str(here / "folder 00"), "ours:hashed")
    if vendor == "other":
        return
    lines = rclone.do("hashsum", "sha1", "ours:hashed").text.splitlines()
    found = {line.partition("  ")[2]: line.partition("  ")[0] for line in lines}
    wanted = {path.name: hashlib.sha1(path.read_bytes()).hexdigest() for path in (here / "folder 00").iterdir()}
    assert found == wanted


def test_move(rclone: Rclone, here: Path, remote: Remote, log: RequestLog) -> None:
    """On the server: no byte is sent again."""
    rclone.do("copy", str(here / "folder 00"), "ours:one")
    before = remote.tree("/one")
    log.clear()
    rclone.do("moveto", "ours:one/file 0000.bin", "ours:two/renamed #?%.bin")
    rclone.do("move", "ours:one", "ours:three")
    assert log.of("PUT") == log.of("GET") == []
    assert log.of("MOVE")
    assert remote.hash("/two/renamed #?%.bin") == before.pop("file 0000.bin")
    assert remote.tree("/three") == before


def test_copy_on_the_server(rclone: Rclone, here: Path, remote: Remote, log: RequestLog) -> None:
    rclone.do("copy", str(here / "folder 00"), "ours:one")
    log.clear()
    rclone.do("copy", "ours:one", "ours:two")
    assert log.of("PUT") == log.of("GET") == []
    assert remote.tree("/two") == remote.tree("/one")


def test_a_folder_moves_at_once(rclone: Rclone, here: Path, remote: Remote, log: RequestLog) -> None:
    rclone.do("copy", str(here), "ours:tree")
    before = remote.tree("/tree")
    log.clear()
    rclone.do("move", "ours:tree", "ours:elsewhere")
    assert len(log.of("MOVE")) == 1
    assert remote.tree("/elsewhere") == before


def test_delete_purge_and_rmdirs(rclone: Rclone, here: Path, remote: Remote) -> None:
    rclone.do("copy", str(here), "ours:tree")
    rclone.do("deletefile", "ours:tree/what?.txt")
    rclone.do("delete", "ours:tree/folder 00")
    rclone.do("rmdir", "ours:tree/folder 00")
    rclone.do("purge", "ours:tree/folder 01")
    rclone.do("mkdir", "ours:tree/a/b/c")
    rclone.do("rmdirs", "ours:tree/a")
    gone = ("what?.txt", "folder 00", "folder 01")
    left = {path: value for path, value in local_tree(here).items() if not path.startswith(gone)}
    assert remote.tree("/tree") == left


@pytest.fixture
def small_rclone(logging_product: Product, small_person: Account, vendor: str, tmp_path: Path) -> Rclone:
    """Of an account of 1,000,000 bytes, which is called by its e-mail address."""
    base, email = logging_product.base_url, small_person.email
    return Rclone(tmp_path / "small", base, email, small_person.token, vendor=vendor, user_id=email)


def test_about(logging_product: Product, small_person: Account, small_rclone: Rclone) -> None:
    Remote(logging_product.base_url, small_person.headers).write("/a.bin", b"x" * 10_000)
    assert small_rclone.json("about", "--json", "ours:") == {"used": 10_000, "free": 990_000, "total": 1_000_000}


def test_rcat_streams_what_has_no_length(rclone: Rclone, remote: Remote) -> None:
    """Larger than what rclone keeps in memory: a chunked body."""
    data = os.urandom(3_000_000)
    rclone.do("rcat", "--streaming-upload-cutoff", "100k", "ours:stream/ü.bin", stdin=data)
    assert remote.read("/stream/ü.bin") == data
    assert rclone.attempt("cat", "ours:stream/ü.bin").ok().code == 0


def test_part_of_a_file(rclone: Rclone, remote: Remote) -> None:
    remote.write("/digits.txt", b"0123456789" * 1000)
    assert rclone.do("cat", "--offset", "5003", "--count", "4", "ours:digits.txt").text == "3456"


def test_a_file_at_its_own_address(rclone: Rclone, here: Path, remote: Remote) -> None:
    rclone.do("copyto", str(here / "large.bin"), "ours:deep/er/large file.bin")
    assert remote.tree() == {
        "deep": "folder",
        "deep/er": "folder",
        "deep/er/large file.bin": local_tree(here)["large.bin"],
    }


@pytest.mark.parametrize("vendor", ["nextcloud"], indirect=True)
def test_chunks(rclone: Rclone, logging_product: Product, here: Path, log: RequestLog) -> None:
    rclone.do("copyto", str(here / "large.bin"), "ours:large.bin")
    chunks = [asked for asked in log.of("PUT") if "/uploads/" in asked.path]
    assert [asked.received for asked in chunks] == [CHUNK, CHUNK, 12_345]
    assert count(logging_product, "files_upload", "finished_at IS NULL") == 0


def test_a_full_account(small_rclone: Rclone, here: Path) -> None:
    done = small_rclone.attempt("copyto", str(here / "large.bin"), "ours:large.bin")
    assert done.code != 0
    assert "507" in done.output
    assert small_rclone.json("lsjson", "ours:") == []
