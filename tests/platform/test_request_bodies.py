"""Clients that send headers and body apart (Qt does, so Nextcloud's do) get the headers acknowledged at once."""

import base64
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.http.body import Body, ChunkedReader, EOFReader, LengthReader
from gunicorn.http.unreader import SocketUnreader

from dropbox_clone.request_bodies import pre_request
from tests.servers.product import start_product

ACKNOWLEDGED = (socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Connection:
    def __init__(self) -> None:
        self.options: list[tuple[int, int, int]] = []

    def setsockopt(self, *option: int) -> None:
        self.options.append(option)  # type: ignore[arg-type]


def options_after(reader: Any, *, buffered: bytes = b"", expects: bool = False) -> list[tuple[int, int, int]]:
    """What was set on the connection of a request whose headers, and so much of its body, are there."""
    unreader = SocketUnreader(Connection())
    unreader.unread(buffered)
    request = SimpleNamespace(body=Body(reader), unreader=unreader, _expected_100_continue=expects)
    pre_request(None, request)
    options: list[tuple[int, int, int]] = unreader.sock.options
    return options


def test_headers_are_acknowledged_while_the_body_is_not_there() -> None:
    assert options_after(LengthReader(None, 100)) == [ACKNOWLEDGED]
    assert options_after(LengthReader(None, 100), buffered=b"x" * 99) == [ACKNOWLEDGED]
    assert options_after(ChunkedReader(None, None)) == [ACKNOWLEDGED]


def test_nothing_is_done_where_nobody_waits() -> None:
    assert options_after(EOFReader(None)) == []
    assert options_after(LengthReader(None, 0)) == []
    assert options_after(LengthReader(None, 100), buffered=b"x" * 100) == []
    assert options_after(LengthReader(None, 100), expects=True) == [], "100 Continue acknowledges them"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """Port and credentials."""
    folder: Path = tmp_path_factory.mktemp("product")
    with start_product(folder, WEB_WORKERS="1") as product:
        account = product.create_account("ada@example.com")
        yield product.port, base64.b64encode(f"{account.email}:{account.token}".encode()).decode()


def put_apart(door: tuple[int, str], name: str, *, at_once: bool) -> float:
    """Median seconds of 15 requests on one connection; `at_once`: the client waits for no acknowledgement."""
    port, credentials = door
    times = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(at_once))
        for number in range(15):
            body = os.urandom(9000)
            head = (
                f"PUT /dav/{name}-{number}.bin HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            started = perf_counter()
            connection.sendall(head.encode())
            connection.sendall(body)
            assert b" 201 " in connection.recv(65536).split(b"\r\n")[0]
            times.append(perf_counter() - started)
    return median(times)


@pytest.mark.processes
@pytest.mark.timeout(120)
def test_a_client_that_waits_for_acknowledgements_is_as_fast_as_one_that_does_not(door: tuple[int, str]) -> None:
    """Without it the system's delay of 40 ms is on top."""
    patient = min(put_apart(door, f"patient-{turn}", at_once=False) for turn in range(3))
    hasty = min(put_apart(door, f"hasty-{turn}", at_once=True) for turn in range(3))
    assert patient < hasty + 0.03, (patient, hasty)
