"""nextcloudcmd and the running product: after every run the device and the account hold the same tree."""

import os
import shutil
from collections.abc import Callable

import pytest

from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.request_log import RequestLog
from tests.clients.trees import FOLDER, Remote, make_tree, odd_names
from tests.servers.product import PASSWORD, Account, Product

pytestmark = pytest.mark.timeout(180)
# Bytes of a name that this client can download: it adds eleven for as long as the download lasts.
LONGEST = 244
OLD = 1_500_000_000  # seconds: a modification time in 2017


def synced(device: NextcloudCmd, remote: Remote) -> dict[str, str]:
    """One run, after which both trees are the same: that tree."""
    device.sync()
    tree = device.tree()
    assert tree == remote.tree()
    return tree


@pytest.fixture
def tree(device: NextcloudCmd, remote: Remote) -> dict[str, str]:
    """What is on both sides at the beginning: four folders of ten files, a folder in a folder, and an empty one."""
    make_tree(device.folder, 40, seed=1, each=10)
    make_tree(device.folder / "folder 00" / "below", 5, seed=2)
    (device.folder / "empty").mkdir()
    return synced(device, remote)


def test_up_and_down(
    device: NextcloudCmd, new_device: Callable[[str], NextcloudCmd], remote: Remote, tree: dict[str, str]
) -> None:
    assert tree["empty"] == FOLDER
    assert len(tree) == 40 + 4 + 5 + 2 + 1
    phone = new_device("phone")
    assert synced(phone, remote) == tree


def test_the_time_of_a_file_travels(
    device: NextcloudCmd, new_device: Callable[[str], NextcloudCmd], remote: Remote
) -> None:
    device.write("old.txt", b"old")
    os.utime(device.folder / "old.txt", (OLD, OLD))
    synced(device, remote)
    phone = new_device("phone")
    synced(phone, remote)
    assert (phone.folder / "old.txt").stat().st_mtime == OLD


def test_nothing_changed_is_one_propfind(
    device: NextcloudCmd, remote: Remote, tree: dict[str, str], log: RequestLog
) -> None:
    device.sync()  # what the first one wrote, it has seen by now
    log.clear()
    device.sync()
    assert log.methods["PROPFIND"] == 1, [str(one) for one in log.requests]
    assert set(log.methods) == {"GET", "PROPFIND"}
    assert all(one.path.startswith(("/ocs/", "/status.php")) for one in log.of("GET"))


def test_only_what_changed_is_looked_at(
    device: NextcloudCmd, remote: Remote, tree: dict[str, str], log: RequestLog
) -> None:
    """The ETag of a folder says whether there is anything new below it."""
    device.sync()
    remote.write("/folder 01/by a browser.txt", b"new")
    log.clear()
    device.sync()
    assert len(log.of("PROPFIND")) == 2, [str(one) for one in log.requests]
    assert [one.path.rpartition("/")[2] for one in log.of("GET") if "/dav/" in one.path] == ["by%20a%20browser.txt"]
    assert device.tree() == remote.tree()


@pytest.mark.parametrize("who", ["device", "browser"])
def test_rename_of_a_folder_moves_no_bytes(
    device: NextcloudCmd, remote: Remote, tree: dict[str, str], log: RequestLog, who: str
) -> None:
    id_before = remote.metadata("/folder 00/file 0003.bin")["id"]
    if who == "device":
        (device.folder / "folder 00").rename(device.folder / "renamed ü")
    else:
        remote.move("/folder 00", "/renamed ü")
    log.clear()
    device.sync()
    moved = {path.replace("folder 00", "renamed ü", 1): value for path, value in tree.items()}
    assert device.tree() == remote.tree() == moved
    assert [str(one) for one in log.of("GET") if "/remote.php/" in one.path] == []
    assert log.of("PUT") == []
    assert len(log.of("MOVE")) == (1 if who == "device" else 0)
    assert remote.metadata("/renamed ü/file 0003.bin")["id"] == id_before


@pytest.mark.parametrize("who", ["device", "browser"])
def test_a_file_moves_to_another_folder(
    device: NextcloudCmd, remote: Remote, tree: dict[str, str], log: RequestLog, who: str
) -> None:
    source, target = "folder 00/file 0001.bin", "folder 02/elsewhere.bin"
    if who == "device":
        (device.folder / source).rename(device.folder / target)
    else:
        remote.move(f"/{source}", f"/{target}")
    log.clear()
    device.sync()
    assert device.tree() == remote.tree() == {**without(tree, source), target: tree[source]}
    assert log.of("PUT") == []
    assert [str(one) for one in log.of("GET") if "/remote.php/" in one.path and "elsewhere" in one.path] == []


@pytest.mark.parametrize("who", ["device", "browser"])
def test_delete_on_either_side(device: NextcloudCmd, remote: Remote, tree: dict[str, str], who: str) -> None:
    gone = ["folder 01", "folder 02/file 0020.bin", "empty"]
    for path in gone:
        if who == "browser":
            remote.trash(f"/{path}")
        elif tree[path] == FOLDER:
            shutil.rmtree(device.folder / path)
        else:
            (device.folder / path).unlink()
    assert synced(device, remote) == without(tree, *gone)


def test_overwrite_on_either_side(
    device: NextcloudCmd, new_device: Callable[[str], NextcloudCmd], remote: Remote, tree: dict[str, str]
) -> None:
    id_before = remote.metadata("/folder 00/file 0000.bin")["id"]
    device.write("folder 00/file 0000.bin", b"written on the device")
    remote.write("/folder 00/file 0001.bin", b"written in the browser")
    synced(device, remote)
    assert remote.read("/folder 00/file 0000.bin") == b"written on the device"
    assert (device.folder / "folder 00/file 0001.bin").read_bytes() == b"written in the browser"
    assert remote.metadata("/folder 00/file 0000.bin")["id"] == id_before
    assert device.conflicts() == []


def test_a_conflict_loses_neither_side(device: NextcloudCmd, remote: Remote, tree: dict[str, str]) -> None:
    path = "folder 00/file 0000.bin"
    device.write(path, b"mine, written at home")
    remote.write(f"/{path}", b"theirs")
    device.sync()
    assert (device.folder / path).read_bytes() == remote.read(f"/{path}") == b"theirs"
    copies = device.conflicts()
    assert len(copies) == 1
    assert (device.folder / copies[0]).read_bytes() == b"mine, written at home"
    tree = device.tree()
    assert {name: value for name, value in tree.items() if name not in copies} == remote.tree()


def test_the_same_on_both_sides_is_no_conflict(device: NextcloudCmd, remote: Remote, tree: dict[str, str]) -> None:
    device.write("both.txt", b"the same words")
    remote.write("/both.txt", b"the same words")
    os.utime(device.folder / "both.txt", (OLD, OLD))
    synced(device, remote)
    assert device.conflicts() == []


def test_empty_files(device: NextcloudCmd, new_device: Callable[[str], NextcloudCmd], remote: Remote) -> None:
    device.write("nothing.txt", b"")
    device.write("emptied.txt", b"something")
    synced(device, remote)
    device.write("emptied.txt", b"")
    tree = synced(device, remote)
    assert len(set(tree.values())) == 1
    phone = new_device("phone")
    assert synced(phone, remote) == tree


def test_odd_names(device: NextcloudCmd, new_device: Callable[[str], NextcloudCmd], remote: Remote) -> None:
    names = [name for name in odd_names() if len(name.encode()) <= LONGEST]
    for number, name in enumerate(names):
        device.write(name, b"%d" % number)
        device.write(f"of {name}"[:100] + f"/{name}", b"in %d" % number)
    tree = synced(device, remote)
    assert len(tree) > 2.5 * len(names)
    phone = new_device("phone")
    assert synced(phone, remote) == tree


def test_names_of_255_bytes_go_up(device: NextcloudCmd, remote: Remote, log: RequestLog) -> None:
    names = [name for name in odd_names() if len(name.encode()) > LONGEST]
    assert [len(name.encode()) for name in names] == [255, 255, 254]
    for name in names:
        device.write(name, name.encode())
    tree = synced(device, remote)
    assert set(names) == set(tree)
    log.clear()
    assert synced(device, remote) == tree
    assert not log.of("PUT")


def test_a_decomposed_name_becomes_the_composed_one(device: NextcloudCmd, remote: Remote) -> None:
    """The same name twice in Unicode. The server keeps one form, and the device takes it over as a rename."""
    device.write("Cafe\u0301 au lait.txt", b"hot")
    device.sync()
    assert synced(device, remote).keys() == {"Café au lait.txt"}
    assert remote.read("/Café au lait.txt") == b"hot"


def test_password_instead_of_a_token(logging_product: Product, person: Account, device: NextcloudCmd) -> None:
    device.password = PASSWORD
    device.write("by password.txt", b"x")
    device.sync()
    device.password = "wrong"
    device.write("refused.txt", b"x")
    assert device.try_sync(seconds=60).code != 0


def without(tree: dict[str, str], *gone: str) -> dict[str, str]:
    below = tuple(f"{path}/" for path in gone)
    return {path: value for path, value in tree.items() if path not in gone and not path.startswith(below)}
