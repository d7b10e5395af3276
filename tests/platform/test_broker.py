"""The filesystem broker of the embedded shape, with real connections and several consumers at once."""

import threading
import time
from pathlib import Path
from queue import Empty
from typing import Any

import kombu
import pytest

from dropbox_clone import broker


@pytest.fixture
def options(tmp_path: Path) -> dict[str, object]:
    broker.register()
    folder = str(tmp_path / "messages")
    return {
        "data_folder_in": folder,
        "data_folder_out": folder,
        "control_folder": str(tmp_path / "control"),
        "polling_interval": 0.01,
    }


@pytest.fixture
def name(tmp_path: Path) -> str:
    """A queue of each test's own: kombu remembers for the whole process what it has declared."""
    return f"jobs-{tmp_path.name}"


def connect(options: dict[str, object]) -> kombu.Connection:
    return kombu.Connection("filesystem://localhost//", transport_options=options)


def receive(queue: Any, seconds: float) -> Any:
    """The next message's payload. Raises Empty; the transport itself never waits for long."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return queue.get(timeout=seconds).payload
        except Empty:
            if time.monotonic() > deadline:
                raise


def test_folders_are_made(name: str, options: dict[str, object], tmp_path: Path) -> None:
    with connect(options) as connection:
        connection.SimpleQueue(name).put({"id": 1})
    assert (tmp_path / "messages").stat().st_mode & 0o777 == 0o700


def test_messages_come_in_order_and_once(name: str, options: dict[str, object], tmp_path: Path) -> None:
    with connect(options) as connection:
        queue = connection.SimpleQueue(name, no_ack=True)
        for number in range(20):
            queue.put({"id": number})
        assert [receive(queue, 10)["id"] for _ in range(20)] == list(range(20))
        with pytest.raises(Empty):
            receive(queue, 0.1)
    assert list((tmp_path / "messages").iterdir()) == []


def test_two_consumers_never_share_a_message(name: str, options: dict[str, object]) -> None:
    with connect(options) as connection:
        queue = connection.SimpleQueue(name)
        for number in range(300):
            queue.put({"id": number})
    taken: list[int] = []

    def consume() -> None:
        with connect(options) as connection:
            queue = connection.SimpleQueue(name, no_ack=True)
            while True:
                try:
                    taken.append(receive(queue, 2)["id"])
                except Empty:
                    return

    threads = [threading.Thread(target=consume) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(taken) == list(range(300))


def test_a_half_written_message_is_not_seen(name: str, options: dict[str, object], tmp_path: Path) -> None:
    with connect(options) as connection:
        queue = connection.SimpleQueue(name, no_ack=True)
        (tmp_path / "messages" / "00000000000000000001-x.tmp").write_text('{"half')
        with pytest.raises(Empty):
            receive(queue, 0.3)


def test_waiting_is_short_so_that_a_worker_can_stop(name: str, options: dict[str, object]) -> None:
    with connect(options) as connection:
        connection.SimpleQueue(name)
        started = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011 (kombu's socket.timeout is any of several)
            connection.drain_events(timeout=30)
        assert time.monotonic() - started < 2
