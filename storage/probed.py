"""What remote backends share: their capabilities are what the probe saw, asked for once a process."""

from __future__ import annotations

import copy
import threading
from typing import Self

from storage.base import Capabilities, Storage


class ProbedStorage(Storage):
    """Subclasses say in `supported` what their code knows how to use; which of it works, the probe finds out."""

    def __init__(self) -> None:
        self._capabilities: Capabilities | None = None
        self._probing = threading.Lock()
        self._always_multipart = False

    @property
    def capabilities(self) -> Capabilities:
        if self._capabilities is None:
            from storage.probe import probe

            with self._probing:
                if self._capabilities is None:
                    self._capabilities = probe(self)
        return self._capabilities

    def remember(self, capabilities: Capabilities) -> None:
        if self._capabilities is None:
            self._capabilities = capabilities

    def assuming(self, capabilities: Capabilities) -> Self:
        """Writes in parts, however little there is to write, when it may assume `multipart`."""
        twin = copy.copy(self)
        twin._capabilities = capabilities
        twin._always_multipart = capabilities.multipart
        return twin
