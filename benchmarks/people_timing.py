"""`python -m benchmarks.people_timing`: whether the time of an answer tells that an address has an account.

Each address, of people who are there and of people who are not, is tried once: with a wrong password by Basic, by the
sign-in page, and by asking for a new password. The classifier is that of `benchmarks.upload_timing`; the exit code is 1
when it is right more often than chance explains. Mail goes out by jobs, to a server that takes it and throws it away.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import sqrt
from pathlib import Path
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from benchmarks.install import say
from benchmarks.upload_timing import guess
from tests.servers.product import start_product

OF_ADDRESS = 5  # guesses
ADDRESSES = iter(f"127.9.{number // 250}.{number % 250 + 1}" for number in range(50_000))
Try = Callable[[requests.Session, str, str], float]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.people_timing", description=__doc__)
    parser.add_argument("--people", type=int, default=150, help="who are there, and as many who are not, for each way")
    given = parser.parse_args(arguments)
    told = False
    with (
        tempfile.TemporaryDirectory(prefix="dropbox_clone_timing_") as folder,
        mail_server() as port,
        start_product(Path(folder), with_worker=True, EMAIL_URL=f"smtp://127.0.0.1:{port}") as product,
    ):
        for number, (way, ask) in enumerate(WAYS.items()):
            known = [f"known{index}-{number}@example.com" for index in range(given.people)]
            product.create_accounts(known)
            rate = measure(product.base_url, known, ask)
            bound = 0.5 + 3.1 * sqrt(0.25 / given.people)
            told = told or rate > bound
            say(f"{way}: right in {rate:.0%} of the cases (chance: below {bound:.0%})")
    return 1 if told else 0


def measure(url: str, known: list[str], ask: Try) -> float:
    trials = [(True, email) for email in known] + [(False, email.replace("known", "nobody")) for email in known]
    random.shuffle(trials)
    times: list[tuple[bool, float]] = []
    for number, (is_known, email) in enumerate(trials):
        if number % OF_ADDRESS == 0:
            session = session_from(next(ADDRESSES))
            ask(session, url, f"warm{number}@example.com")  # until the connection is there
        times.append((is_known, ask(session, url, email)))
    return guess(times[: len(times) // 2], times[len(times) // 2 :])


def session_from(address: str) -> requests.Session:
    """One address has few guesses; Linux has all of 127.0.0.0/8."""

    class From(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, source_address=(address, 0), **options)

    session = requests.Session()
    session.mount("http://", From())
    return session


def basic(session: requests.Session, url: str, email: str) -> float:
    started = time.perf_counter()
    answer = session.get(f"{url}/api/v1/account", auth=(email, "a wrong password"), timeout=60)
    seconds = time.perf_counter() - started
    assert answer.status_code == 401, answer.text
    return seconds


def sign_in_page(session: requests.Session, url: str, email: str) -> float:
    return _form(session, f"{url}/accounts/login/", {"login": email, "password": "a wrong password"}, 200)


def new_password_page(session: requests.Session, url: str, email: str) -> float:
    return _form(session, f"{url}/accounts/password/reset/", {"email": email}, 302)


def _form(session: requests.Session, page: str, fields: dict[str, str], expected: int) -> float:
    session.cookies.clear()
    session.get(page, timeout=60).raise_for_status()
    token = next(cookie.value or "" for cookie in session.cookies if "csrf" in cookie.name)
    started = time.perf_counter()
    answer = session.post(
        page,
        data={**fields, "csrfmiddlewaretoken": token},
        headers={"Referer": page},
        allow_redirects=False,
        timeout=60,
    )
    seconds = time.perf_counter() - started
    assert answer.status_code == expected, (answer.status_code, answer.text[:500])
    return seconds


class _Sink(StreamRequestHandler):
    """SMTP, as much as a client needs to believe that its mail has arrived (RFC 5321)."""

    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        in_text = False
        for line in self.rfile:
            if in_text:
                in_text = line != b".\r\n"
                if not in_text:
                    self.wfile.write(b"250 taken\r\n")
                continue
            verb = line[:4].upper()
            in_text = verb == b"DATA"
            self.wfile.write(b"354 go on\r\n" if in_text else b"221 bye\r\n" if verb == b"QUIT" else b"250 yes\r\n")
            if verb == b"QUIT":
                return


@contextmanager
def mail_server(handler: type[BaseRequestHandler] = _Sink) -> Iterator[int]:
    """Its port."""
    with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


WAYS: dict[str, Try] = {"Basic": basic, "sign-in page": sign_in_page, "new password": new_password_page}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
