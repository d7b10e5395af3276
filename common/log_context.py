"""What every log line says besides its text: which request it belongs to, and who acts."""

import itertools
import os
import re
import secrets
from contextvars import ContextVar
from hashlib import blake2b

request_id: ContextVar[str] = ContextVar("request_id", default="")
actor_id: ContextVar[str] = ContextVar("actor_id", default="")

VALID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}", re.ASCII)  # what may stand in a log line and a header


class _Numbers:
    """A count of the process under a key of its own: nobody can tell how many requests others send. A UUID for each
    request would cost a system call.
    """

    def __init__(self) -> None:
        self.restart()
        os.register_at_fork(after_in_child=self.restart)

    def restart(self) -> None:
        self._key, self._count = secrets.token_bytes(32), itertools.count(1)

    def take(self) -> str:
        return blake2b(next(self._count).to_bytes(8, "big"), key=self._key, digest_size=12).hexdigest()


new_request_id = _Numbers().take


def acts(user_id: int | None) -> None:
    """Called by whoever has found out who sends the request."""
    actor_id.set("" if user_id is None else str(user_id))


def begin(received: str = "") -> str:
    """A request, or a job, begins in this thread; returns its id: the given one when it can be used."""
    identifier = received if received and VALID.fullmatch(received) else new_request_id()
    request_id.set(identifier)
    actor_id.set("")
    return identifier
