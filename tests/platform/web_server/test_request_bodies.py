"""Clients that send headers and body apart (Qt does, so Nextcloud's do) get the headers acknowledged at once."""

import socket
from types import SimpleNamespace
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, EOFReader, LengthReader
from gunicorn.http.unreader import SocketUnreader

from dropbox_clone.web_server.request_bodies import pre_request

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
