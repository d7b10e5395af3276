"""A connection of gunicorn's gthread that the admission gate holds until a thread may have it."""

from typing import Any

from gunicorn.workers.gthread import TConn

from dropbox_clone.admission.connections import Connection
from dropbox_clone.admission.pace import PacedSocket


class ServerConnection(TConn, Connection):
    """gunicorn's connection, with what has come before a thread had it."""

    sock: PacedSocket

    def __init__(self, cfg: Any, sock: PacedSocket, client: Any, server: Any) -> None:
        TConn.__init__(self, cfg, sock, client, server)
        Connection.__init__(self, sock, client[0] if isinstance(client, tuple) else "")

    def begin_request(self) -> None:
        """In a thread: what has come is the parser's."""
        self.init()
        if self.inbox:
            self.parser.unreader.unread(bytes(self.inbox))
            self.inbox = bytearray()
        self.credential = self.head.credential if self.head is not None else b""
        self.looked_at, self.head, self.scanner, self.awaits_body = 0, None, None, False
        self.sock.renew()
