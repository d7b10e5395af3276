"""A TCP proxy on 127.0.0.1 that misbehaves as told: for broken connections between us and a server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Self

PASS = None
"""A policy's answer: let everything through."""


class FaultyProxy:
    """Forwards to `port`. `policy(request)` says after how many bytes of its answer the connection is cut.

    It is asked once per connection and request burst, with the first bytes that the client sent; None cuts
    nothing, 0 lets the server work and the client never hear of it.
    """

    def __init__(self, port: int, policy: Callable[[bytes], int | None]) -> None:
        self._target = port
        self._policy = policy
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.close()
        for connection in self._open:
            _close(connection)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open += [client, server]
            state: dict[str, int | None] = {"left": PASS}
            threading.Thread(target=self._requests, args=(client, server, state), daemon=True).start()
            threading.Thread(target=self._answers, args=(server, client, state), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, state: dict[str, int | None]) -> None:
        try:
            while data := client.recv(1 << 16):
                if data.startswith((b"GET ", b"PUT ", b"POST ", b"HEAD ", b"DELETE ")):
                    state["left"] = self._policy(data)
                server.sendall(data)
        except OSError:
            pass

    def _answers(self, server: socket.socket, client: socket.socket, state: dict[str, int | None]) -> None:
        try:
            while data := server.recv(1 << 16):
                if data.startswith(b"HTTP/1.1 100"):
                    client.sendall(data)
                    continue
                left = state["left"]
                if left is not None:
                    client.sendall(data[:left])
                    state["left"] = left - min(left, len(data))
                    if state["left"] == 0:
                        break
                else:
                    client.sendall(data)
        except OSError:
            pass
        _close(client)
        _close(server)


def _close(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
