"""What others notice while somebody floods the product: whether health checks are answered, how fast a client works,
and what memory and disk it costs.
"""

import http.client
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.product import Account, Product

SMALL = os.urandom(4096)


@dataclass
class Seen:
    """Seconds, requests a second (one PUT and one GET are two), bytes."""

    slowest_health: float = 0.0
    unhealthy: list[str] = field(default_factory=list)
    requests: int = 0
    rate: float = 0.0
    memory: int = 0


def watch(product: Product, account: Account, *, seconds: float, port: int | None = None) -> Seen:
    """From 127.0.0.1: /healthz on a new connection every tenth of a second, and a client that never pauses."""
    seen = Seen()
    end = time.monotonic() + seconds
    health = threading.Thread(target=_ask, args=(seen, port or product.port, end))
    health.start()
    started = time.monotonic()
    client = http.client.HTTPConnection("127.0.0.1", port or product.port, timeout=30)
    while time.monotonic() < end:
        for method in ("PUT", "GET"):
            body = SMALL if method == "PUT" else None
            client.request(method, "/api/v1/content/watched.bin", body, account.headers)
            answer = client.getresponse()
            content = answer.read()
            assert answer.status in (200, 201), (answer.status, content)
            assert body or content == SMALL
            seen.requests += 1
    seen.rate = seen.requests / (time.monotonic() - started)
    client.close()
    health.join()
    seen.memory = memory(product)
    return seen


def _ask(seen: Seen, port: int, end: float) -> None:
    while time.monotonic() < end:
        started = time.monotonic()
        try:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            client.request("GET", "/healthz")
            status = client.getresponse().status
            client.close()
            if status != 200:
                seen.unhealthy.append(str(status))
        except OSError as error:
            seen.unhealthy.append(repr(error))
        seen.slowest_health = max(seen.slowest_health, time.monotonic() - started)
        time.sleep(0.1)


def memory(product: Product) -> int:
    """Of all processes of the web server: what they have for themselves, shared pages by halves."""
    assert product.web is not None
    return sum(_proportional(pid) for pid in _family(product.web.pid))


def disk(*folders: Path) -> int:
    return sum(path.lstat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _proportional(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
