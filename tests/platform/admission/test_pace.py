"""Clients who are slower than the slowest useful line are given up; whoever pauses for a moment is not."""

import socket
import tempfile
import threading
import time
from collections.abc import Iterator

import pytest

from dropbox_clone.admission import pace
from dropbox_clone.admission.pace import PacedSocket, SlowClient, Stalled


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[PacedSocket, socket.socket]]:
    """Ours, with a credit of half a second and 1,000 bytes a second; and the client's."""
    monkeypatch.setattr(PacedSocket, "rate", 1000.0)
    monkeypatch.setattr(PacedSocket, "grace", 0.5)
    monkeypatch.setattr(pace, "RECEIVE_TICK", 0.1)
    monkeypatch.setattr(pace, "SEND_TICK", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pace.limit_system_calls(listener)
        with socket.create_connection(listener.getsockname()) as client:
            ours, _ = PacedSocket.accepted(listener)
            with ours:
                yield ours, client


def be_patient(ours: PacedSocket) -> None:
    """Where the machine itself may be slow, and only what arrives is looked at."""
    ours.credit = 60.0
    PacedSocket.grace = 60.0  # the fixture puts it back


def test_a_silent_client_is_given_up(pair: tuple[PacedSocket, socket.socket]) -> None:
    ours, _ = pair
    with pytest.raises(SlowClient):
        ours.recv(100)


def test_a_byte_now_and_then_is_not_enough(pair: tuple[PacedSocket, socket.socket]) -> None:
    ours, client = pair

    def drip() -> None:
        for _ in range(30):
            try:
                client.send(b"x")
            except OSError:
                return
            time.sleep(0.1)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    received = list[bytes]()
    with pytest.raises(SlowClient):
        received.extend(iter(lambda: ours.recv(100), b""))
    ours.close()
    thread.join()
    assert len(b"".join(received)) < 20


def test_the_server_may_be_slow_itself(pair: tuple[PacedSocket, socket.socket]) -> None:
    ours, client = pair
    for _ in range(3):
        client.sendall(b"x")
        time.sleep(0.5)  # a disk
        assert ours.recv(10) == b"x"


def test_whoever_does_not_read_is_given_up(pair: tuple[PacedSocket, socket.socket]) -> None:
    ours, _ = pair
    with pytest.raises(SlowClient):
        ours.sendall(bytes(100 * 1024 * 1024))


def test_everything_arrives_at_a_slow_reader(pair: tuple[PacedSocket, socket.socket]) -> None:
    """System calls come back in the middle; nothing is sent twice or left out."""
    ours, client = pair
    be_patient(ours)
    sent = bytes(range(256)) * 40_000
    got = bytearray()

    def read() -> None:
        while len(got) < len(sent):
            got.extend(client.recv(200_000))
            time.sleep(0.005)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    ours.sendall(sent)
    thread.join()
    assert got == sent


def test_the_rest_of_a_file_is_left_when_nobody_takes_it(pair: tuple[PacedSocket, socket.socket]) -> None:
    ours, client = pair
    be_patient(ours)
    with tempfile.TemporaryFile() as file:
        file.write(bytes(range(256)) * 100_000)
        file.flush()
        size = file.tell()
        with pytest.raises(Stalled) as stalled:
            ours.sendfile(file, 0, size)
        left = stalled.value.left
        assert 0 < left < size
        ours.shutdown(socket.SHUT_WR)
        got = bytearray()
        while data := client.recv(1 << 20):
            got += data
        assert got == (bytes(range(256)) * 100_000)[: size - left]


def test_somebody_elses_timeout_is_theirs(pair: tuple[PacedSocket, socket.socket]) -> None:
    ours, _ = pair
    ours.settimeout(0.05)
    with pytest.raises(TimeoutError) as raised:
        ours.recv(1)
    assert not isinstance(raised.value, SlowClient)
    ours.settimeout(None)
    assert ours.recv_now(1) is None


def test_what_the_client_takes_counts_and_not_what_the_system_keeps(pair: tuple[PacedSocket, socket.socket]) -> None:
    ours, client = pair
    ours.sendall(b"x" * 5000)
    assert client.recv(5000, socket.MSG_WAITALL) == b"x" * 5000
    taken = 0
    while taken < 5000:
        taken += ours.arrived()
    ours.setblocking(False)
    try:
        while True:
            ours.sendall(bytes(1 << 20))
    except BlockingIOError:
        pass
    time.sleep(0.1)
    ours.arrived()
    assert ours.arrived() == 0
    client.settimeout(20)
    taken = 0
    while not taken:  # the window opens when half of it is free; a client who gets nothing more times out
        assert client.recv(100_000)
        taken = ours.arrived()
