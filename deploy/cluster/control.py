"""One line of JSON each way over a Unix socket: how other programs ask the running cluster for something.

The request is `{"command": str, "arguments": [str]}`. Lines of the answer are `{"say": text}` until the last,
`{"result": value}` or `{"error": text}`.
"""

import contextlib
import json
import select
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

TIME_LIMIT = 1.0  # seconds for a client to say what it wants


class ControlFailed(Exception):
    """The cluster refused; the text says why."""


class Control:
    """The server's side. Questions are answered at once, orders one after the other by `next_order`."""

    def __init__(self, path: Path, questions: dict[str, Callable[[], Any]]) -> None:
        self.questions = questions
        self.orders: deque[tuple[Order, str, list[str]]] = deque()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        path.chmod(0o600)
        self.listener.listen(16)

    def serve(self, seconds: float) -> None:
        """Waits that long for somebody to ask."""
        if not select.select([self.listener], [], [], seconds)[0]:
            return
        connection, _ = self.listener.accept()
        connection.settimeout(TIME_LIMIT)
        order = Order(connection)
        try:
            request = json.loads(connection.makefile().readline() or "{}")
            command, arguments = str(request.get("command", "")), [str(word) for word in request.get("arguments", [])]
        except (OSError, ValueError):
            connection.close()
            return
        if question := self.questions.get(command):
            order.finish(result=question())
        else:
            self.orders.append((order, command, arguments))

    def close(self) -> None:
        self.listener.close()


class Order:
    """Whoever asked may have gone; the order is carried out all the same."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def say(self, text: str) -> None:
        self._send({"say": text})

    def finish(self, **last: Any) -> None:
        self._send(last)
        self.connection.close()

    def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self.connection.sendall(json.dumps(message).encode() + b"\n")


def ask(
    folder: Path, command: str, *arguments: str, say: Callable[[str], None] = lambda text: None, seconds: float = 600
) -> Any:
    """The client's side: what the cluster on this DATA_DIR answers. Raises ControlFailed."""
    try:
        known = json.loads((folder / "cluster.json").read_text())
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(seconds)
        connection.connect(known["control"])
    except (OSError, ValueError, KeyError):
        raise ControlFailed(f"no cluster runs on {folder}: make cluster") from None
    with connection:
        connection.sendall(json.dumps({"command": command, "arguments": arguments}).encode() + b"\n")
        for line in connection.makefile():
            message = json.loads(line)
            if "say" in message:
                say(message["say"])
            elif "error" in message:
                raise ControlFailed(message["error"])
            else:
                return message.get("result")
    raise ControlFailed("the cluster ended before it answered")
