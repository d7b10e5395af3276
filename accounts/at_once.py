"""How much one person may have under way at the same time, so that the others are served as before.

Counted in this process, under the id of the person, whatever the addresses and tokens; of a link all of its visitors
together (Actor.counted_as). Whoever is at the limit is told
so at once (TooManyRequests); nobody waits in a thread for a place.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from accounts.actor import Actor
from accounts.errors import TooManyRequests

RETRY_AFTER = 2  # seconds


class Places:
    """`limit` is asked for each time. What acts for nobody (jobs, the system) needs no place."""

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._taken: dict[int, int] = {}

    def enter(self, user_id: int | None) -> None:
        """To be followed by `leave`. Raises TooManyRequests."""
        if user_id is None:
            return
        limit = self._limit()
        with self._lock:
            taken = self._taken.get(user_id, 0)
            if taken >= limit:
                raise TooManyRequests(limit=limit, retry_after=RETRY_AFTER)
            self._taken[user_id] = taken + 1

    def leave(self, user_id: int | None) -> None:
        if user_id is None:
            return
        with self._lock:
            left = self._taken.get(user_id, 0) - 1
            if left > 0:
                self._taken[user_id] = left
            else:
                self._taken.pop(user_id, None)

    def forget(self) -> None:
        """All of them, for tests that leave answers half read."""
        with self._lock:
            self._taken.clear()

    @contextmanager
    def one(self, actor: Actor) -> Iterator[None]:
        """For as long as something lasts. Raises TooManyRequests."""
        self.enter(actor.counted_as)
        try:
            yield
        finally:
            self.leave(actor.counted_as)


class Streamed:
    """The parts of an answer that is sent as it is made, which keeps its place until it is closed; also when nobody
    ever asks for a part, as a generator would not notice. Django closes it with its response.
    """

    def __init__(self, places: Places, actor: Actor, parts: Iterator[bytes]) -> None:
        """The place is taken already (`Places.enter`), and from here on given back by `close`."""
        self._places, self._actor, self._parts = places, actor, parts
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._places.leave(self._actor.counted_as)


def _heavy() -> int:
    return int(settings.CONFIGURATION.admission.heavy_requests_per_account)


waits = Places(lambda: settings.CONFIGURATION.admission.waits_per_account)
zips, searches, listings = Places(_heavy), Places(_heavy), Places(_heavy)


class Threads:
    """The threads of a web server that one person has. The server turns it on, and says when a request has ended."""

    def __init__(self) -> None:
        self.on = False
        self._places = Places(lambda: settings.CONFIGURATION.admission.threads_per_account)
        self._mine = threading.local()

    def begin(self, user_id: int | None) -> None:
        """This thread works for that person, until `end`. Raises TooManyRequests."""
        if not self.on or user_id is None or getattr(self._mine, "user_id", None) == user_id:
            return
        self.end()
        self._places.enter(user_id)
        self._mine.user_id = user_id

    def end(self) -> int | None:
        """Whose thread it was."""
        user_id: int | None = getattr(self._mine, "user_id", None)
        if user_id is not None:
            self._mine.user_id = None
            self._places.leave(user_id)
        return user_id


threads = Threads()
