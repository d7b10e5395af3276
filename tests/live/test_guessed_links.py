"""Guesses from a thousand addresses at tokens and passwords of links, on the real web server: they get nowhere, and who
comes by the link does not wait for them.
"""

import base64
import http.client
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from accounts import throttle
from common.ids import new_id
from sharing.guesses import FREE
from tests.live.flood import many_addresses
from tests.live.test_links import make_link, put
from tests.servers.product import Account, Product, start_product

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]
ADDRESSES = 1_000
STUBBORN = 5  # of them that go on until they are refused
AT_ONCE = 16
PASSWORD = "sea and sand of 1987"
# Of what it was before, and seconds: the machine of the tests computes the guesses, the hashes and the answers at once.
SLOWER, SECONDS = 20.0, 2.0


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with start_product(tmp_path_factory.mktemp("guessed"), ACCESS_LOG="off") as product:
        yield product


def test_a_thousand_addresses_get_nowhere_and_slow_nobody(product: Product) -> None:
    (account,) = product.create_accounts(["owner@example.com"])
    put(product, account, "shared/a.txt", b"a")
    token = make_link(product, account, path="/shared")["token"]
    locked = make_link(product, account, path="/shared", password=PASSWORD)["token"]
    before = statistics.median(visits(product, token, 40))
    told, during = Counter[tuple[str, int]](), list[float]()
    over = threading.Event()
    watching = threading.Thread(target=lambda: during.extend(until(product, token, over)))
    watching.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            jobs = [pool.submit(guess, product, locked, *one) for one in enumerate(many_addresses(ADDRESSES))]
            for job in jobs:
                told += job.result()
    finally:
        over.set()
        watching.join()
    slowed = statistics.median(during)
    print(f"\n{sum(told.values())} guesses: {dict(told)}; a visitor: {before * 1000:.0f} -> {slowed * 1000:.0f} ms")
    # Nobody is refused for what others tried; who goes on is, after as many as are free.
    plain, tried = ADDRESSES - STUBBORN, throttle.ACCOUNT.free + 1
    assert told.keys() == {("token", 404), ("token", 429), ("password", 403), ("password", 429)}
    assert told["token", 404] >= plain + STUBBORN * (FREE + 1)
    assert told["password", 403] >= plain + STUBBORN * tried
    assert min(told["token", 429], told["password", 429]) >= STUBBORN
    assert slowed < max(before * SLOWER, SECONDS)
    assert len(during) > 10
    knows = ask(product, "127.9.0.1", "POST", f"/s/{locked}/password", password=PASSWORD)
    assert knows == 302  # from another address, at once
    assert signs_in(product, account, "127.7.0.1")  # from that of a guesser


def guess(product: Product, locked: str, number: int, address: str) -> Counter[tuple[str, int]]:
    """By one address: a token and a password, or as many as it is allowed and some more."""
    is_stubborn = number % (ADDRESSES // STUBBORN) == 0
    tokens, passwords = (FREE + 5, throttle.ACCOUNT.free + 5) if is_stubborn else (1, 1)
    told = Counter[tuple[str, int]]()
    for one in range(passwords):
        status = ask(product, address, "POST", f"/s/{locked}/password", password=f"guess {number} {one}")
        told["password", status] += 1
    for _ in range(tokens):
        told["token", ask(product, address, "GET", f"/s/{new_id():022}")] += 1
    return told


def ask(product: Product, address: str, method: str, path: str, **fields: str) -> int:
    """The status of the answer; from this address."""
    client = http.client.HTTPConnection("127.0.0.1", product.port, timeout=120, source_address=(address, 0))
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
    client.request(method, path, urlencode(fields) if fields else None, headers)
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer.status


def visits(product: Product, token: str, count: int) -> list[float]:
    """Seconds that each took for somebody who has the link."""
    found = []
    for _ in range(count):
        started = time.monotonic()
        assert ask(product, "127.0.0.1", "GET", f"/s/{token}") == 200
        found.append(time.monotonic() - started)
    return found


def until(product: Product, token: str, over: threading.Event) -> Iterator[float]:
    while not over.is_set():
        yield from visits(product, token, 1)


def signs_in(product: Product, account: Account, address: str) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", product.port, timeout=60, source_address=(address, 0))
    given = base64.b64encode(f"{account.email}:{account.password}".encode()).decode()
    client.request("PROPFIND", "/dav/", headers={"Authorization": f"Basic {given}", "Depth": "0"})
    return client.getresponse().status == 207
