"""A client that forgives nothing: many connections that are kept alive, and every failed request is counted.

No request is ever sent twice, so that whatever a person or a sync client would notice is noticed here.
"""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import quote, urlsplit

Item = TypeVar("Item")
TIMEOUT = 60.0  # seconds


class Connection:
    """One client. `ask` returns the body of a good answer; anything else goes to `load.failures`."""

    def __init__(self, load: "LoadGenerator") -> None:
        self.load = load
        parts = urlsplit(load.url)
        self.http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes | None:
        started = time.monotonic()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self.http.request(method, path, body, {**self.load.headers, **named})
            answer = self.http.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.http.close()
            self.load.note(f"{method} {path}: {error!r}", time.monotonic() - started)
            return None
        good = answer.status < 400
        problem = "" if good else f"{method} {path}: {answer.status} {data[:200]!r}"
        self.load.note(problem, time.monotonic() - started)
        return data if good else None

    def put(self, path: str, data: bytes) -> bytes | None:
        return self.ask("PUT", f"/api/v1/content{quote(path)}", data)

    def put_in_pieces(self, path: str, data: bytes, piece: int) -> bytes | None:
        """Every piece is a request of its own, and so goes to any replica."""
        begin = json.dumps({"path": path, "length": len(data)}).encode()
        opened = self.ask("POST", "/api/v1/uploads", begin, Content_Type="application/json")
        if opened is None:
            return None
        upload = f"/api/v1/uploads/{json.loads(opened)['id']}"
        for offset in range(0, len(data), piece):
            self.ask("PUT", f"{upload}/pieces/{offset}", data[offset : offset + piece])
        return self.ask("POST", f"{upload}/finish", b"{}", Content_Type="application/json")

    def get(self, path: str) -> bytes | None:
        return self.ask("GET", f"/api/v1/content{quote(path)}")


class LoadGenerator:
    """`token` is of the product; `failures` are texts, `longest` is in seconds."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}
        self.failures: list[str] = []
        self.requests = 0
        self.longest = 0.0
        self._lock = threading.Lock()

    def note(self, problem: str, seconds: float) -> None:
        with self._lock:
            self.requests += 1
            self.longest = max(self.longest, seconds)
            if problem:
                self.failures.append(f"{time.strftime('%H:%M:%S')} {problem}")

    def kinds(self) -> Counter[str]:
        return Counter(text.partition(": ")[2][:60] for text in self.failures)

    def each(self, items: Iterable[Item], act: Callable[[Connection, Item], object], *, threads: int) -> None:
        """Every item once, by as many clients at the same time. Raises what `act` raises first."""
        source = iter(items)
        errors: list[BaseException] = []

        def run() -> None:
            connection = Connection(self)
            while not errors:
                with self._lock:
                    item = next(source, None)
                if item is None:
                    return
                try:
                    act(connection, item)
                except BaseException as error:
                    errors.append(error)

        running = [threading.Thread(target=run) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        if errors:
            raise errors[0]

    def background(self, act: Callable[[Connection, int], object], *, threads: int) -> Callable[[], None]:
        """`act` again and again with a running number, until the function that is returned is called."""
        over = threading.Event()
        numbers = itertools.takewhile(lambda _: not over.is_set(), itertools.count(1))
        thread = threading.Thread(target=self.each, args=(numbers, act), kwargs={"threads": threads})
        thread.start()

        def end() -> None:
            over.set()
            thread.join()

        return end
