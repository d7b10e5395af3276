"""The thread that waits for all connections: what it does with events that come late, and with rests of answers."""

import os
import selectors
import socket
import tempfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from dropbox_clone.admission import pace
from dropbox_clone.admission.limits import AdmissionLimits
from dropbox_clone.admission.pace import PacedSocket, Rest
from dropbox_clone.admission.stage import Stage
from dropbox_clone.env import Environment
from dropbox_clone.web_server.connection import ServerConnection


class World:
    """A stage without a server; `looks` are those that it has asked for."""

    def __init__(self) -> None:
        self.poller = selectors.DefaultSelector()
        self.run: list[ServerConnection] = []
        self.looks: list[tuple[ServerConnection, Rest]] = []
        self.closed = 0
        self.clients: list[socket.socket] = []
        limits = AdmissionLimits.read(Environment({}), threads=4)
        PacedSocket.configure(limits)
        self.stage = Stage(
            limits,
            poller=self.poller,
            threads=4,
            keep_alive=5,
            trusted=[],
            session_cookie="session",
            run=self.run.append,
            look=lambda connection, rest: self.looks.append((connection, rest)),
            closed=self._count,
        )

    def _count(self) -> None:
        self.closed += 1

    def connect(self) -> ServerConnection:
        listener = socket.create_server(("127.0.0.1", 0))
        with listener:
            client = socket.create_connection(listener.getsockname())
            self.clients.append(client)
            sock, address = PacedSocket.accepted(listener)
        configuration: Any = SimpleNamespace(is_ssl=False)
        connection = ServerConnection(configuration, sock, address, listener)
        self.stage.welcome(connection)
        return connection

    def events(self) -> list[Any]:
        """What a call of the selector has found; each is called as the server does."""
        return [key.data for key, _ in self.poller.select(1)]

    def close(self) -> None:
        self.stage.look_at_the_clock(force=True)
        for client in self.clients:
            client.close()
        self.poller.close()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


def test_an_event_of_a_connection_that_was_dropped_meanwhile_counts_nothing_twice(world: World) -> None:
    first, second = world.connect(), world.connect()
    for client in world.clients:
        client.sendall(b"GET")
    events = world.events()
    assert len(events) == 2
    world.stage.drop(second, "gave_way")
    for happened in events:
        happened(None)
    world.stage.drop(second)
    assert (world.stage.connections.count, world.closed) == (1, 1)
    assert not first.gone
    world.stage.drop(first)
    assert world.stage.connections.count == 0


def test_a_fault_costs_its_connection_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.connect(), world.connect()
    for client in world.clients:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    real = world.stage.is_ready

    def broken(connection: ServerConnection) -> bool:
        if connection is first:
            raise ZeroDivisionError
        return real(connection)

    monkeypatch.setattr(world.stage, "is_ready", broken)
    for happened in world.events():
        happened(None)
    assert (first.gone, world.run) == (True, [second])


def rest_of(world: World, text: bytes) -> tuple[ServerConnection, Rest]:
    connection = world.connect()
    with tempfile.TemporaryFile() as file:
        file.write(text)
        file.flush()
        rest = Rest(os.dup(file.fileno()), 0, len(text), look=lambda: None)
    world.stage.send_rest(connection, rest)
    return connection, rest


def test_before_more_of_a_rest_is_sent_its_right_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connection, rest = rest_of(world, b"secret")
    monkeypatch.setattr(pace, "LOOK_AGAIN", 0)
    world.events()[0](None)
    assert world.looks == [(connection, rest)]
    assert world.events() == [], "nothing is sent until the answer is there"
    monkeypatch.setattr(pace, "LOOK_AGAIN", 100)
    world.stage.has_looked(connection, rest, may=True)
    world.events()[0](None)
    assert world.clients[0].recv(100) == b"secret"


def test_without_the_right_the_connection_is_reset(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connection, rest = rest_of(world, b"secret")
    monkeypatch.setattr(pace, "LOOK_AGAIN", 0)
    world.events()[0](None)
    world.stage.has_looked(connection, rest, may=False)
    assert connection.gone
    with pytest.raises(ConnectionResetError):
        world.clients[0].recv(100)


def test_an_answer_that_comes_too_late_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connection, rest = rest_of(world, b"secret")
    monkeypatch.setattr(pace, "LOOK_AGAIN", 0)
    world.events()[0](None)
    world.stage.drop(connection)
    world.stage.has_looked(connection, rest, may=True)
    assert world.events() == []


def expecting(path: str, expectation: str = "100-continue", version: str = "1.1") -> bytes:
    head = f"POST {path} HTTP/{version}\r\nHost: localhost\r\nCookie: csrf=x\r\nExpect: {expectation}\r\n"
    return f"{head}Content-Length: 4\r\n\r\n".encode()


def test_a_visitor_is_asked_for_a_form_without_a_thread(world: World) -> None:
    connection = world.connect()
    (client,) = world.clients
    client.sendall(expecting("/accounts/login/?next=/"))
    for event in world.events():
        event(None)
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert world.run == []
    client.sendall(b"a=")
    for event in world.events():
        event(None)
    assert world.run == []
    client.sendall(b"bc")
    for event in world.events():
        event(None)
    assert world.run == [connection]
    client.settimeout(0.05)
    with pytest.raises(TimeoutError):
        client.recv(100)


@pytest.mark.parametrize(
    ("request_head", "has_thread"),
    [
        (expecting("/dav/a.txt"), True),  # its endpoint says 401 without asking
        (expecting("/accounts/login/", "200-ok"), True),  # which the parser refuses
        (expecting("/accounts/login/", version="1.0"), False),  # waits for the body, as without the header
        (expecting("/accounts/login/") + b"a=", False),
    ],
)
def test_whoever_need_not_be_asked_is_not(world: World, request_head: bytes, has_thread: bool) -> None:
    connection = world.connect()
    (client,) = world.clients
    client.sendall(request_head)
    for event in world.events():
        event(None)
    assert world.run == [connection] * has_thread
    client.settimeout(0.05)
    with pytest.raises(TimeoutError):
        client.recv(100)


def test_bodies_that_wait_have_a_limit_together(world: World) -> None:
    """Of many from one address the largest is refused, and small ones of others never are."""
    limit = world.stage.limits.waiting_bodies_limit
    head = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: session=x\r\nContent-Length: 262144\r\n\r\n"
    small = world.connect()
    world.clients[0].sendall(head + b"a")
    for event in world.events():
        event(None)
    connections = [world.connect() for _ in range(3)]
    held = world.stage.connections.held
    for connection in connections:  # as if they had sent so much
        connection.inbox = bytearray(head + bytes(limit // 3))
        world.stage.connections.hold(connection, len(connection.inbox))
    world.clients[1].sendall(b"a")
    for event in world.events():
        event(None)
    assert [connection.gone for connection in connections] == [True, False, False]
    assert world.clients[1].recv(100).startswith(b"HTTP/1.1 503 ")
    assert not small.gone
    for connection in connections:
        world.stage.drop(connection)
    assert world.stage.connections.held == held
    world.stage.drop(small)
    assert world.stage.connections.held == 0


def test_what_a_thread_has_does_not_wait(world: World) -> None:
    (client,) = [world.connect()] and world.clients
    client.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na")
    for event in world.events():
        event(None)
    assert world.stage.connections.held > 0
    client.sendall(b"b")
    for event in world.events():
        event(None)
    assert (len(world.run), world.stage.connections.held) == (1, 0)
