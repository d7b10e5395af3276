"""Slow clients in numbers: nobody else waits for them, and they cost neither memory nor disk.

The gate runs smaller numbers; `long` runs those of docs/security.md.
"""

import http.client
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.haproxy import render
from dropbox_clone.probe import answers
from tests.live.flood import Flood, many_addresses
from tests.live.watcher import Seen, disk, memory, watch
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess
from tests.servers.product import Account, Product, start_product

pytestmark = pytest.mark.timeout(600)
BIG = 24 * 1024 * 1024  # bytes; more than the buffers of a connection
MEMORY = 150 * 1024 * 1024
# Beside other tests nothing says how fast a server is, only whether it is stopped: without the gate, health checks time
# out and no request is answered. FLOODS_STRICT=1, on a machine that does nothing else, holds it to what is promised.
STRICT = os.environ.get("FLOODS_STRICT") == "1"
SLOWEST_HEALTH, RATE = (1.0, 0.5) if STRICT else (8.0, 0.05)  # seconds; of what it was before
ONE = ["127.0.0.2"]
Attack = Callable[[Flood, int, list[str]], None]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[Product]:
    with start_product(tmp_path_factory.mktemp("flooded"), TMPDIR=str(temporary), ACCESS_LOG="off") as product:
        yield product


@pytest.fixture(scope="module")
def people(product: Product) -> tuple[Account, Account]:
    return with_a_big_file(product)


def with_a_big_file(product: Product) -> tuple[Account, Account]:
    """One who means harm and has a big file, and another one."""
    harmful, other = product.create_accounts(["harm@example.com", "other@example.com"])
    client = http.client.HTTPConnection("127.0.0.1", product.port, timeout=60)
    client.request("PUT", "/api/v1/content/big.bin", os.urandom(BIG), harmful.headers)
    assert client.getresponse().status == 201
    client.close()
    return harmful, other


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[tuple[Product, int]]:
    """Another product, and the port of the HAProxy before it."""
    program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("haproxy is missing: apt-get install haproxy")
    folder = tmp_path_factory.mktemp("proxied")
    settings = {"TMPDIR": str(temporary), "TRUSTED_PROXIES": "127.0.0.1"}
    with start_product(folder, **settings) as product:
        port = free_port()
        servers = {"one": f"127.0.0.1:{product.port}"}
        text = render(
            bind=f"127.0.0.1:{port}", servers=servers, admin_socket=str(folder / "admin.sock"), maximum_connections=5000
        )
        (folder / "haproxy.cfg").write_text(text)
        haproxy = ServerProcess([program, "-db", "-f", str(folder / "haproxy.cfg")], folder)
        try:
            haproxy.wait_until(lambda: answers("127.0.0.1", port))
            yield product, port
        finally:
            haproxy.stop()


@pytest.fixture(scope="module")
def proxied_people(proxied: tuple[Product, int]) -> tuple[Account, Account]:
    return with_a_big_file(proxied[0])


def attacks(harmful: Account) -> dict[str, Attack]:
    return {
        "half open": lambda flood, count, addresses: flood.half_open(count, addresses),
        "slow bodies": lambda flood, count, addresses: flood.slow_bodies(count, addresses),
        "unread": lambda flood, count, addresses: flood.unread(
            count, addresses, "/api/v1/content/big.bin", harmful.headers
        ),
    }


def show(name: str, quiet: Seen, seen: Seen, grown: int) -> None:
    print(
        f"\n{name}: healthz at most {seen.slowest_health * 1000:.0f} ms,"
        f" {quiet.rate:.0f} -> {seen.rate:.0f} requests/s, memory {grown / 1e6:+.0f} MB"
    )


@dataclass(frozen=True)
class Plan:
    """How many connections from which addresses, for how long; `port` is that of a balancer before the product."""

    waves: tuple[tuple[int, list[str]], ...]
    seconds: float
    port: int | None = None


def withstand(product: Product, people: tuple[Account, Account], temporary: Path, kind: str, plan: Plan) -> None:
    harmful, other = people
    quiet = watch(product, other, seconds=plan.seconds, port=plan.port)
    before = memory(product)
    with Flood(plan.port or product.port) as flood:
        for count, addresses in plan.waves:
            attacks(harmful)[kind](flood, count, addresses)
        seen = watch(product, other, seconds=plan.seconds, port=plan.port)
        grown = memory(product) - before
        assert disk(temporary) == 0
    show(f"{kind} {[count for count, _ in plan.waves]}", quiet, seen, grown)
    assert seen.unhealthy == []
    assert seen.slowest_health < SLOWEST_HEALTH
    assert seen.rate >= quiet.rate * RATE
    assert grown < MEMORY


@pytest.mark.parametrize("kind", ["half open", "slow bodies", "unread"])
def test_a_few_hundred(product: Product, people: tuple[Account, Account], temporary: Path, kind: str) -> None:
    """More than there are threads, from one address and from many."""
    plan = Plan(waves=((400, ONE), (300, many_addresses(100))), seconds=4)
    withstand(product, people, temporary, kind, plan)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["half open", "slow bodies", "unread"])
def test_thousands(product: Product, people: tuple[Account, Account], temporary: Path, kind: str) -> None:
    plan = Plan(waves=((2000, ONE), (600, many_addresses(200))), seconds=15)
    withstand(product, people, temporary, kind, plan)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["half open", "slow bodies", "unread"])
def test_thousands_behind_haproxy(
    proxied: tuple[Product, int], proxied_people: tuple[Account, Account], temporary: Path, kind: str
) -> None:
    product, port = proxied
    plan = Plan(waves=((2000, ONE), (600, many_addresses(200))), seconds=15, port=port)
    withstand(product, proxied_people, temporary, kind, plan)
