"""A drill: ransomware on a computer that nextcloudcmd syncs, with 2,000 files (`DRILL_FILES`). Of those at most 50 are
touched, the owner is told, and one act puts back everything. And a person who reorganises 5,000 files (`DRILL_MOVED`).
"""

import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.request_log import RequestLog
from tests.clients.rows import count
from tests.clients.trees import FOLDER, Remote
from tests.servers.product import Account, Product

pytestmark = pytest.mark.timeout(900)
FILES = int(os.environ.get("DRILL_FILES", "2000"))
MOVED = int(os.environ.get("DRILL_MOVED", "5000"))
MOST = 50
KINDS = ("docx", "xlsx", "pdf", "txt", "jpg", "md")
NO_WAIT = {"OWNCLOUD_BLACKLIST_TIME_MIN": "0"}


def documents(folder: Path, number: int) -> None:
    """As people have them: texts, and what begins like its format. One of them stays as it is: nextcloudcmd 3.7 waits
    for ever for an answer that nobody can give when none does.
    """
    (folder / "untouched.txt").write_bytes(b"nobody asks for this one")
    chance = random.Random(number)
    beginnings = {"docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04", "pdf": b"%PDF-1.7\n", "jpg": b"\xff\xd8\xff\xe0"}
    for index in range(number):
        kind = KINDS[index % len(KINDS)]
        path = folder / f"folder {index // 100:02}" / f"letter {index:04}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = " ".join(
            chance.choices(("the", "file", "of", "letter", str(index)), k=chance.randrange(20, 400))
        ).encode()
        path.write_bytes(beginnings.get(kind, b"") + text)


def encrypt(folder: Path, *, rename: bool) -> None:
    """Each file by noise of its size, under a name with an extension that nobody knows."""
    for path in sorted(folder.rglob("letter *")):
        path.write_bytes(os.urandom(max(200, path.stat().st_size)))
        if rename:
            path.rename(path.with_name(f"{path.name}.k3x9q"))


def without_folders(tree: dict[str, str]) -> dict[str, str]:
    return {path: value for path, value in tree.items() if value != FOLDER}


@pytest.fixture
def person_at_page(logging_product: Product, person: Account) -> Remote:
    """The same person by another token: that of the client that is held decides nothing."""
    made = Remote(logging_product.base_url, person.headers).session.post(
        f"{logging_product.base_url}/api/v1/tokens", json={"name": "page", "scopes": ["read", "write"]}, timeout=30
    )
    assert made.status_code == 201, made.text
    return Remote(logging_product.base_url, {"Authorization": f"Bearer {made.json()['token']}"})


def decide(page: Remote, act: str) -> dict[str, object]:
    (brake,) = page.session.get(f"{page.url}/brakes", params={"held": "true"}, timeout=30).json()["items"]
    answer = page.session.post(
        f"{page.url}/brakes/{brake['id']}/{act}", json={} if act == "revert" else None, timeout=60
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.parametrize(
    "rename",
    [
        pytest.param(False, id="overwritten"),
        pytest.param(True, id="overwritten and renamed", marks=pytest.mark.long),
    ],
)
def test_ransomware(
    rename: bool,
    logging_product: Product,
    device: NextcloudCmd,
    person: Account,
    person_at_page: Remote,
    new_device: Callable[[str], NextcloudCmd],
    log: RequestLog,
) -> None:
    documents(device.folder, FILES)
    device.sync(seconds=400)
    page = person_at_page
    before = page.tree()
    assert len(without_folders(before)) == FILES + 1
    encrypt(device.folder, rename=rename)
    log.clear()
    device.try_sync(retries=1, seconds=400, environment=NO_WAIT)  # ends with 0: it keeps its own, and asks again later
    assert 423 in {asked.status for asked in log.now()}
    damaged = page.tree()
    touched = [path for path, value in without_folders(before).items() if damaged.get(path) != value]
    assert 0 < len(touched) <= MOST, len(touched)
    assert {asked.status for asked in log.now() if asked.status >= 400} <= {404, 423}
    assert _mails(logging_product, person) == 1
    assert count(logging_product, "files_brake", f"space_id IN ({_home(person)}) AND released_at IS NULL") == 1
    reverted = decide(page, "revert")
    assert (reverted["state"], reverted["result"]["lost"]) == ("reverted", [])  # type: ignore[index]
    assert page.tree() == before, "every file has its place and its bytes again"
    device.try_sync(retries=1, seconds=400, environment=NO_WAIT)
    assert page.tree() == before, "the computer is still held"
    clean = new_device("clean computer")
    clean.password = page.session.headers["Authorization"].removeprefix("Bearer ")  # type: ignore[union-attr]
    clean.sync(seconds=400)
    assert clean.tree() == before


@pytest.mark.long
def test_a_person_reorganises(device: NextcloudCmd, person_at_page: Remote, log: RequestLog) -> None:
    documents(device.folder, MOVED)
    device.sync(seconds=600)
    sorted_by = device.folder / "sorted"
    for path in sorted(device.folder.rglob("letter *")):
        target = sorted_by / path.suffix[1:] / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    for folder in device.folder.glob("folder *"):
        folder.rmdir()
    local = device.tree()
    device.try_sync(retries=0, seconds=600, environment=NO_WAIT)
    assert 423 in {asked.status for asked in log.now()}
    assert device.tree() == local, "the computer keeps all of its own"
    decide(person_at_page, "accept")
    device.try_sync(retries=3, seconds=600, environment=NO_WAIT).ok()
    assert person_at_page.tree() == device.tree() == local


def _home(person: Account) -> str:
    return f"SELECT s.id FROM files_space s JOIN accounts_user u ON u.id = s.owner_id WHERE u.email = '{person.email}'"


def _mails(product: Product, person: Account) -> int:
    """Events of the audit record: a server without mail queues none."""
    database = product.data_dir / "db.sqlite3"
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        rows = connection.execute("SELECT detail FROM accounts_auditevent WHERE kind = 'brake.hold'").fetchall()
        homes = {row[0] for row in connection.execute(_home(person))}
    finally:
        connection.close()
    return sum(json.loads(detail)["space"] in homes for (detail,) in rows)
