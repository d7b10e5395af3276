"""A real Redis that dies, hangs and comes back, under the product: all stay signed in and nobody waits for it."""

import re
import time
from collections.abc import Iterator

import pytest
import redis
import requests

from dropbox_clone.redis_cache import Circuit, RedisCache
from dropbox_clone.sessions import stored_key
from tests.servers import redis as redis_server
from tests.servers.product import PASSWORD, Account, Product, start_product
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.timeout(180)
SLOWEST = 1.5  # seconds for the first requests after Redis froze: its time-out, on a busy machine
QUICK = 0.6  # for those that follow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server.start(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def product(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with start_product(
        tmp_path_factory.mktemp("product"),
        CACHE_URL=server.url(),
        BROKER_URL=server.url(1),
        METRICS_ALLOW="127.0.0.1",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def account(product: Product) -> Account:
    return product.create_account("ada@example.com", admin=True)


@pytest.fixture
def browser(product: Product, account: Account) -> requests.Session:
    return sign_in(product, account)


def sign_in(product: Product, account: Account) -> requests.Session:
    browser = requests.Session()
    page = browser.get(f"{product.base_url}/accounts/login/", timeout=20)
    form = {"login": account.email, "password": account.password, "csrfmiddlewaretoken": _token(page)}
    answer = browser.post(f"{product.base_url}/accounts/login/", data=form, timeout=20)
    assert answer.ok
    assert signed_in(product, browser)
    return browser


def _token(page: requests.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def signed_in(product: Product, browser: requests.Session) -> bool:
    answer = browser.get(f"{product.base_url}/trash/", timeout=20, allow_redirects=False)
    assert answer.status_code in (200, 302), answer.text
    return answer.status_code == 200


def timed(product: Product, browser: requests.Session, account: Account) -> list[float]:
    """Seconds of some requests that use the cache; all must succeed."""
    seconds = []
    for number in range(6):
        started = time.monotonic()
        assert signed_in(product, browser)
        seconds.append(time.monotonic() - started)
        started = time.monotonic()
        url = f"{product.base_url}/api/v1/content/{number}.txt"
        assert requests.put(url, data=b"x" * 300_000, auth=(account.email, PASSWORD), timeout=20).ok
        assert requests.get(url, headers=account.headers, timeout=20).content == b"x" * 300_000
        seconds.append(time.monotonic() - started)
    return seconds


def until_used_again(product: Product, server: RedisServer, browser: requests.Session) -> None:
    """Both processes of the web server have noticed that Redis is back: it has the session again."""
    client = redis.Redis.from_url(server.url())
    for _ in range(100):
        time.sleep(0.1)
        ready = requests.get(f"{product.base_url}/readyz", timeout=20).json()
        if signed_in(product, browser) and not ready["degraded"] and client.dbsize():
            return
    raise AssertionError("Redis is not used again")


def test_a_session_is_in_redis_for_some_minutes(
    product: Product, server: RedisServer, browser: requests.Session
) -> None:
    client = redis.Redis.from_url(server.url())
    keys = list(client.scan_iter())
    assert not any(browser.cookies["session"].encode() in key for key in keys), "Redis holds digests of keys alone"
    (key,) = [key for key in keys if stored_key(browser.cookies["session"]).encode() in key]
    assert 0 < client.ttl(key) <= 300


def test_a_frozen_redis(product: Product, server: RedisServer, browser: requests.Session, account: Account) -> None:
    server.freeze()
    try:
        seconds = timed(product, browser, account)
        ready = requests.get(f"{product.base_url}/readyz", timeout=20)
        another = sign_in(product, account)
    finally:
        server.thaw()
    assert max(seconds) < SLOWEST, seconds
    assert sorted(seconds)[len(seconds) // 2] < QUICK, seconds
    assert ready.status_code == 200
    assert ready.json()["degraded"] is True
    assert ready.json()["checks"]["cache"]["ok"] is False
    until_used_again(product, server, browser)
    assert signed_in(product, another)


def test_a_job_is_run_now_while_the_broker_is_frozen(
    product: Product, server: RedisServer, browser: requests.Session
) -> None:
    page = f"{product.base_url}/admin/files/job/"
    form = {"action": "run_now", "_selected_action": ["gc", "fsck"], "csrfmiddlewaretoken": _token(browser.get(page))}
    server.freeze()
    try:
        assert signed_in(product, browser)  # the cache has noticed
        started = time.monotonic()
        answer = browser.post(page, data=form, timeout=20)
        seconds = time.monotonic() - started
    finally:
        server.thaw()
    assert answer.ok
    assert "gc: a worker starts it within seconds" in answer.text
    assert seconds < SLOWEST
    assert "runs: ['fsck', 'gc']" in product.manage(
        "shell",
        "-c",
        # A new account has asked for its mounts.
        "from files.maintenance.upkeep import run_asked; ran = {r.job_id for r in run_asked()}; "
        "print('runs:', sorted(ran - {'mounts'}))",
    )


def test_a_dead_redis(product: Product, server: RedisServer, browser: requests.Session, account: Account) -> None:
    server.kill()
    try:
        seconds = timed(product, browser, account)
        another = sign_in(product, account)
        assert "the cache does not answer" in product.log
        assert "Traceback" not in product.log
    finally:
        server.run()
    assert max(seconds) < SLOWEST, seconds
    assert sorted(seconds)[len(seconds) // 2] < QUICK, seconds
    until_used_again(product, server, browser)
    assert signed_in(product, another)


def test_who_signs_out_while_redis_hangs_stays_signed_out(
    product: Product, server: RedisServer, account: Account
) -> None:
    browser = sign_in(product, account)
    assert signed_in(product, browser)  # Redis has the session
    stolen = {"session": browser.cookies["session"]}
    server.freeze()
    try:
        form = {"csrfmiddlewaretoken": browser.cookies["csrf"]}
        assert browser.post(f"{product.base_url}/accounts/logout/", data=form, timeout=20).ok
    finally:
        server.thaw()
    until_used_again(product, server, sign_in(product, account))
    for _ in range(6):
        answer = requests.get(f"{product.base_url}/trash/", cookies=stolen, timeout=20, allow_redirects=False)
        assert answer.status_code == 302


def test_the_metrics_count_it(product: Product) -> None:
    text = requests.get(f"{product.base_url}/metrics", timeout=20).text
    count = re.search(r"^dropbox_clone_cache_errors_total (\S+)", text, re.M)
    assert count is not None
    assert float(count[1]) >= 2


def test_what_was_left_out_is_deleted_before_it_is_read_again(server: RedisServer) -> None:
    params = {"OPTIONS": {"SOCKET_TIMEOUT": 0.2, "SOCKET_CONNECT_TIMEOUT": 0.2}, "KEY_PREFIX": "test"}
    cache = RedisCache(server.url(1), params)
    assert cache.set("kept", "old")
    assert cache.set("changed", "old")
    assert cache.add("once", 1)
    assert not cache.add("once", 1)
    server.freeze()  # else the thread that watches may find it there before the next line
    try:
        cache.circuit.found_away(redis.ConnectionError())
        assert cache.get("kept", "nothing") == "nothing"
        assert not cache.set("changed", "new")
        assert cache.add("once", 1)
        assert cache.get_many(["kept"]) == {}
    finally:
        server.thaw()
    deadline = time.monotonic() + 10
    while cache.circuit.away and time.monotonic() < deadline:
        time.sleep(0.05)
    assert cache.get("kept") == "old"
    assert cache.get("changed") is None


def test_only_one_thread_watches(server: RedisServer) -> None:
    circuit = Circuit("redis://127.0.0.1:1/0")
    started = []
    circuit._wait_for_return = lambda: started.append(1)  # type: ignore[method-assign]
    for _ in range(5):
        circuit.found_away(None)
    time.sleep(0.1)
    assert len(started) == 1
