"""A replica that does not answer is found dead, one that is slow, busy or about to end is not."""

import socket
import time
from collections.abc import Iterator

import pytest

from deploy.cluster import liveness
from deploy.cluster.liveness import Liveness


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "EVERY", 0.05)
    monkeypatch.setattr(liveness, "PATIENCE", 0.2)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The kernel takes connections for it, as for any frozen process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def found_dead(asked: Liveness, seconds: float, listener: socket.socket | None = None) -> bool:
    """With a `listener`, its connections are answered."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if asked.dead():
            return True
        if listener is not None and asked.asking is not None:
            connection, _ = listener.accept()
            connection.sendall(b"HTTP/1.1 503 Busy\r\n\r\n")
            connection.close()
        time.sleep(0.01)
    return False


def test_one_that_takes_connections_and_says_nothing_is_dead(listener: socket.socket) -> None:
    asked = Liveness(listener.getsockname()[1])
    started = time.monotonic()
    assert found_dead(asked, 5)
    assert time.monotonic() - started >= 2 * liveness.PATIENCE


def test_whatever_it_says_it_lives(listener: socket.socket) -> None:
    assert not found_dead(Liveness(listener.getsockname()[1]), 1, listener)


def test_one_that_refuses_connections_is_about_to_end_or_to_begin(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    assert not found_dead(Liveness(port), 1)
