"""The client of the chaos tests before a cluster: an act without an answer may still come true while a part is away."""

import threading
import time

import requests

from tests.kills.client import Client, Unanswered

SETTLED = 1.5  # seconds after the end of a fault in which what was under way comes to its end


class ClusterClient(Client):
    def __init__(self, base_url: str, token: str, number: int, seed: int, calm: threading.Event) -> None:
        super().__init__(base_url, token, number, seed)
        self.calm = calm
        self.retried_uploads = 0
        self.longest = 0.0

    def ask(self, method: str, path: str, **arguments: object) -> requests.Response:
        started = time.monotonic()
        try:
            answer = self.send(method, path, **arguments)
        finally:
            self.longest = max(self.longest, time.monotonic() - started)
        if answer.status_code == 507:  # the disk of the object store is full
            raise Unanswered
        return answer

    def note_unanswered(self) -> None:
        super().note_unanswered()
        self.calm.wait(120)
        time.sleep(SETTLED)

    def step(self) -> None:
        if self.files and self.random.random() < 0.3:
            self.reread()
        super().step()

    def reread(self) -> None:
        """One of the acknowledged files, at any moment."""
        path = self.random.choice(sorted(self.files))
        found = self.look(path)
        assert found == self.files[path], f"{path} is {'gone' if found is None else 'different'}"
