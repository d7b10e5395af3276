"""kombu's filesystem transport for the embedded shape, made safe for readers and writers that meet.

kombu's own writes a message under its final name, where a worker may read it half written, moves it through
/tmp, and lists the folder anew for every message. Here a message appears by rename, is claimed by rename, and
one listing serves until it is used up. As everywhere, a lost message does no harm: a sweep finds what it
stood for.
"""

import os
import time
import uuid
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

LONGEST_WAIT = 0.2  # seconds


class Channel(filesystem.Channel):
    """Messages are files `<time>-<uuid>.<queue>.msg` in one folder."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for folder in (self.data_folder_in, self.control_folder):
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._listed: dict[str, deque[str]] = {}

    def _put(self, queue: str, message: Any, **_: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020}-{uuid.uuid4().hex}"
        temporary = Path(self.data_folder_out, f"{name}.tmp")
        temporary.write_text(dumps(message), encoding="utf-8")
        temporary.rename(temporary.with_name(f"{name}.{queue}.msg"))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        listed = self._listed.get(queue)
        if not listed:
            listed = self._listed[queue] = self._list(queue)
        while listed:
            claimed = self._claim(Path(self.data_folder_in, listed.popleft()))
            if claimed is not None:
                return loads(claimed)
        raise Empty

    def _list(self, queue: str) -> deque[str]:
        suffix = f"{queue}.msg"
        names = os.listdir(self.data_folder_in)
        return deque(sorted(name for name in names if name.partition(".")[2] == suffix))

    @staticmethod
    def _claim(message: Path) -> str | None:
        """The message's text, or None when another worker was faster."""
        claimed = message.with_suffix(".claimed")
        try:
            message.rename(claimed)
        except FileNotFoundError:
            return None
        text = claimed.read_text(encoding="utf-8")
        claimed.unlink()
        return text


class Transport(filesystem.Transport):
    """`filesystem://` of Celery's broker URL, after `register`."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **options: Any) -> None:
        """A worker that was asked to stop notices it between two calls, so none of them may last long."""
        return super().drain_events(connection, LONGEST_WAIT if timeout is None else min(timeout, LONGEST_WAIT))


def register() -> None:
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
