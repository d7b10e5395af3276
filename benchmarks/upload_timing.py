"""`python -m benchmarks.upload_timing`: whether the time of an upload tells that another tenant has the same bytes.

Alice stores files; Bob sends hers and others of the same size, in random order, by each way that takes bytes. A
classifier learns one threshold from half of the times, then guesses the other half. One that knows nothing is right in
half of the cases; the exit code is 1 when it is right more often than chance explains (one in a thousand).

As a check of the classifier itself, Bob also sends what he has stored himself: that may be seen, and is told.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from statistics import median

import requests

from benchmarks.install import say
from tests.servers.product import Account, start_product

SIZES = {"4 KiB": 4096, "1 MiB": 1024 * 1024, "4 MiB": 4 * 1024 * 1024}
Send = Callable[[requests.Session, str, str, bytes], None]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.upload_timing", description=__doc__)
    parser.add_argument("--files", type=int, default=200, help="of each kind, size and way")
    given = parser.parse_args(arguments)
    told = False
    with (
        tempfile.TemporaryDirectory(prefix="dropbox_clone_timing_") as folder,
        start_product(Path(folder)) as product,
    ):
        alice, bob = product.create_accounts(["alice@example.com", "bob@example.org"])
        for way, send in WAYS.items():
            for name, size in SIZES.items():
                rate = measure(product.base_url, alice, bob, send, size, given.files)
                known = measure(product.base_url, bob, bob, send, size, given.files)
                bound = 0.5 + 3.1 * sqrt(0.25 / given.files)  # of as many guesses as there are files in one half, twice
                told = told or rate > bound
                say(f"{way}, {name}: another's {rate:.0%}, his own {known:.0%} (chance: below {bound:.0%})")
    return 1 if told else 0


def measure(url: str, owner: Account, sender: Account, send: Send, size: int, count: int) -> float:
    """How often the classifier is right about whether the owner has the bytes that the sender sends."""
    theirs = [os.urandom(size) for _ in range(count)]
    place = f"timing-{random.randbytes(4).hex()}"
    with requests.Session() as session:
        session.headers.update(owner.headers)
        for number, data in enumerate(theirs):
            send(session, url, f"{place}/kept-{number}", data)
    trials = [(True, data) for data in theirs] + [(False, os.urandom(size)) for _ in range(count)]
    random.shuffle(trials)
    times: list[tuple[bool, float]] = []
    with requests.Session() as session:
        session.headers.update(sender.headers)
        for number in range(20):  # until connections and caches are warm
            send(session, url, f"{place}/warm-{number}", os.urandom(size))
        for number, (is_known, data) in enumerate(trials):
            started = time.perf_counter()
            send(session, url, f"{place}/sent-{number}", data)
            times.append((is_known, time.perf_counter() - started))
    return guess(times[: len(times) // 2], times[len(times) // 2 :])


def guess(learned: list[tuple[bool, float]], asked: list[tuple[bool, float]]) -> float:
    """The share of right answers of the best threshold between the medians, and of the direction that fits."""
    known, unknown = (median([t for is_known, t in learned if is_known is wanted]) for wanted in (True, False))
    threshold, known_is_faster = (known + unknown) / 2, known < unknown
    right = sum(((seconds < threshold) == known_is_faster) == is_known for is_known, seconds in asked)
    return right / len(asked)


def put(session: requests.Session, url: str, path: str, data: bytes) -> None:
    session.put(f"{url}/api/v1/content/{path}", data=data, timeout=60).raise_for_status()


def bulk(session: requests.Session, url: str, path: str, data: bytes) -> None:
    answer = session.post(f"{url}/api/v1/bulk", files={path: (path, data)}, timeout=60)
    answer.raise_for_status()


def upload(session: requests.Session, url: str, path: str, data: bytes) -> None:
    wanted = {"path": f"/{path}", "length": len(data)}
    begun = session.post(f"{url}/api/v1/uploads", json=wanted, timeout=60)
    begun.raise_for_status()
    address = f"{url}{begun.headers['Location']}"
    session.put(f"{address}/pieces/0", data=data, timeout=60).raise_for_status()
    session.post(f"{address}/finish", json={}, timeout=60).raise_for_status()


WAYS: dict[str, Send] = {"PUT": put, "bulk": bulk, "upload session": upload}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
