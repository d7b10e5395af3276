"""A file of 200 MB goes up in chunks, the connection is cut in the middle, and the next run goes on from there."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.passage import Passage
from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.request_log import RequestLog
from tests.clients.rows import count
from tests.clients.trees import Remote
from tests.servers.product import Product

pytestmark = pytest.mark.timeout(300)
SIZE = 200_000_000
BLOCK = 1 << 20
# The client makes chunks larger while they take less than a minute, and leaves a file that failed alone for 25 s: as
# these settings of it say, the chunks stay as they begin, and the next run tries at once.
CHUNKS = {"OWNCLOUD_MAX_CHUNK_SIZE": "10000000", "OWNCLOUD_BLACKLIST_TIME_MIN": "0"}


def write_large(path: Path) -> None:
    with path.open("wb") as file:
        for start in range(0, SIZE, BLOCK):
            file.write(os.urandom(min(BLOCK, SIZE - start)))


def chunks(log: RequestLog) -> list[int]:
    """The sizes of those that arrived."""
    return [one.received for one in log.now() if one.method == "PUT" and "/uploads/" in one.path and one.status < 300]


def test_200_mb_in_chunks_with_a_cut(
    logging_product: Product,
    device: NextcloudCmd,
    new_device: Callable[[str], NextcloudCmd],
    remote: Remote,
    log: RequestLog,
) -> None:
    write_large(device.folder / "film.mkv")
    with Passage(logging_product.port) as passage:
        cut = threading.Thread(target=_cut_in_the_middle, args=(log, passage))
        cut.start()
        # The passage slows the client down to what a line does, so that there is a middle.
        passage.delay = 0.001
        through = f"http://127.0.0.1:{passage.port}"
        broken = device.try_sync(url=through, retries=0, seconds=120, environment=CHUNKS)
        cut.join(60)
        assert broken.code != 0
        first = sum(chunks(log))
        assert 0 < first < SIZE, "cut in the middle"
        assert remote.tree() == {}, "nothing is visible before all of it is there"
        passage.mend()
        log.clear()
        device.try_sync(url=through, seconds=120, environment=CHUNKS).ok()
    second = sum(chunks(log))
    assert second <= SIZE - first, f"{first} bytes were there, and {second} were sent again"
    assert [one.status for one in log.of("MOVE")] == [201]
    assert device.tree() == remote.tree()
    assert count(logging_product, "files_upload", "finished_at IS NULL") == 0
    phone = new_device("phone")
    phone.sync()
    assert phone.tree() == device.tree()


def _cut_in_the_middle(log: RequestLog, passage: Passage) -> None:
    deadline = time.monotonic() + 100
    while sum(chunks(log)) < SIZE // 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    passage.cut()
