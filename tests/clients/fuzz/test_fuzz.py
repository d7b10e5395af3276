"""Whatever is sent to the endpoints of the sync clients: no 500, nothing left over, no growing, no files of others.

`FUZZ_SECONDS` (default 20) is how long, `FUZZ_SEED` what is sent, `FUZZ_REPORT` a file for the report. The report names
the seed; with it and the same number of seconds, each thread sends the same requests again, as far as it gets.
"""

import os
import random
import re
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from benchmarks.processes import memory
from tests.clients.fuzz.generator import Fuzzer
from tests.clients.fuzz.places import Places
from tests.clients.fuzz.wire import Answer, exchange
from tests.clients.rows import count
from tests.clients.trees import Remote
from tests.servers.product import Account, Product, start_product

SECONDS = float(os.environ.get("FUZZ_SECONDS", "20"))
SEED = os.environ.get("FUZZ_SEED") or str(random.randrange(10**6))
REPORT = os.environ.get("FUZZ_REPORT", "")
THREADS = 6
WARM = 0.3  # the part of the time after which memory is measured for the first time
GROWTH = 60.0  # MiB by which the processes may have grown from there on, all together
# 501 says that a method is unknown, 502 that a destination is elsewhere (RFC 4918, section 9.8.5), 503 that too many
# are there, 505 that the version of HTTP is unknown, 507 that there is no room.
ALLOWED = frozenset({501, 502, 503, 505, 507})


@dataclass
class Found:
    """What the threads have seen, together."""

    statuses: Counter[int] = field(default_factory=Counter)
    by_method: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    longest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, request: bytes, answer: Answer) -> None:
        with self.lock:
            self.statuses[answer.status] += 1
            self.by_method[f"{request.split(b' ')[0].decode(errors='replace')} {answer.status}"] += 1
            self.longest = max(self.longest, answer.seconds)
            elsewhere = answer.status == 502 and b"\r\nDestination: " not in request
            if answer.status == -1 or elsewhere or (answer.status >= 500 and answer.status not in ALLOWED):
                body = answer.data[:1500].partition(b"\r\n\r\n")[2]
                self.wrong.append(f"{answer.status}: {request[:1500]!r}\n  -> {body!r}")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    environment = {"ACCESS_LOG": "off", "WEB_WORKERS": "2", "LOG_LEVEL": "INFO", "UPLOAD_EXPIRY": "1h", "BRAKE": "off"}
    with start_product(tmp_path_factory.mktemp("fuzz"), with_worker=True, **environment) as product:
        yield product


def user_id_of(product: Product, account: Account) -> str:
    url = f"{product.base_url}/ocs/v2.php/cloud/user?format=json"
    headers = {"OCS-APIRequest": "true"}
    answer = requests.get(url, auth=(account.email, account.token), headers=headers, timeout=30)
    return str(answer.json()["ocs"]["data"]["id"])


@pytest.mark.timeout(SECONDS * 2 + 240)
def test_nothing_breaks(product: Product) -> None:
    fuzzed, other = product.create_accounts(["fuzzed@example.com", "other@example.com"], quota="1GB")
    remote = Remote(product.base_url, other.headers)
    remote.write("/kept/a.txt", b"not yours")
    before = remote.tree()
    ids = user_id_of(product, fuzzed), user_id_of(product, other)
    found, lines = Found(), [f"FUZZ_SEED={SEED} FUZZ_SECONDS={SECONDS:g}"]
    grown = _fuzz(product, fuzzed, ids, found)
    lines += [
        f"{sum(found.statuses.values())} requests: {dict(sorted(found.statuses.items()))}",
        f"longest {found.longest:.1f} s; memory {grown[0]:.0f} MiB, then {grown[1]:.0f} MiB",
        *found.wrong[:50],
    ]
    _say(lines)
    tracebacks = re.findall(r"Traceback \(most recent.*?\n(?:\s.*\n)*(.*)", product.log)
    assert found.wrong == [], f"FUZZ_SEED={SEED}"
    assert tracebacks == [], f"FUZZ_SEED={SEED}"
    total = sum(found.statuses.values())
    assert found.statuses[207] > total / 100, "it gets through to the tree"
    assert found.statuses[201] > total / 300
    assert remote.tree() == before, "somebody else's files"
    assert grown[1] - grown[0] < GROWTH
    _nothing_stays(product)
    assert _answers_well(product, fuzzed), "no lock is left that anybody could mind"
    consistent = product.manage("fsck", "--hash")
    _say([f"fsck --hash: {consistent.strip().splitlines()[-1]}"])


def _fuzz(product: Product, account: Account, ids: tuple[str, str], found: Found) -> tuple[float, float]:
    """MiB of all processes after the first part of the time, and at the end."""
    stop = threading.Event()

    def run(number: int) -> None:
        places = Places(random.Random(), f"127.0.0.1:{product.port}", *ids)
        fuzzer = Fuzzer(f"{SEED}/{number}", account.email, account.token, places)
        while not stop.is_set() and len(found.wrong) < 20:
            request = fuzzer.next()
            answer = exchange(product.port, request)
            fuzzer.note(answer.data)
            found.note(request, answer)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS * WARM)
    assert product.web is not None
    first = memory([product.web.pid])
    time.sleep(SECONDS * (1 - WARM))
    stop.set()
    for thread in threads:
        thread.join(60)
    return first, memory([product.web.pid])


def _answers_well(product: Product, account: Account) -> bool:
    url, auth = f"{product.base_url}/dav/after the storm.txt", (account.email, account.token)
    made = requests.put(url, data=b"calm", auth=auth, timeout=30)
    return made.status_code in (201, 204) and requests.get(url, auth=auth, timeout=30).content == b"calm"


def _nothing_stays(product: Product) -> None:
    """What was begun has an end: locks, uploads and unanswered logins go when their time is over."""
    late = "datetime('now', '+2 hours')"
    assert count(product, "files_upload", f"finished_at IS NULL AND expires_at > {late}") == 0
    jobs = {"uploads": "files_upload", "locks": "files_nodelock"}
    database = sqlite3.connect(product.data_dir / "db.sqlite3", timeout=30)
    with database:
        for name, table in jobs.items():
            database.execute(f"UPDATE {table} SET expires_at = datetime('now', '-1 day')")
            asked = "ON CONFLICT (name) DO UPDATE SET asked_at = excluded.asked_at"
            database.execute(
                f"INSERT INTO files_job (name, holder, asked_at) VALUES (?, '', datetime('now')) {asked}", [name]
            )
    database.close()
    deadline = time.monotonic() + 120
    while any(count(product, table) for table in jobs.values()):
        assert time.monotonic() < deadline, {table: count(product, table) for table in jobs.values()}
        time.sleep(0.5)


def _say(lines: list[str]) -> None:
    text = "\n".join(lines)
    sys.stdout.write(text + "\n")
    if REPORT:
        Path(REPORT).parent.mkdir(parents=True, exist_ok=True)
        with Path(REPORT).open("a") as report:
            report.write(text + "\n")


def test_the_same_seed_sends_the_same() -> None:
    def first(seed: str) -> list[bytes]:
        fuzzer = Fuzzer(seed, "a@example.com", "token", Places(random.Random(), "localhost", "1", "2"))
        return [fuzzer.next() for _ in range(300)]

    assert first("7/1") == first("7/1")
    assert first("7/1") != first("7/2")
