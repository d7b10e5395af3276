"""What Redis, PostgreSQL and the object store share: who asks a server that is silent, and when it counts as there
again.
"""

import threading
from collections.abc import Iterator

import pytest

from common.watched_server import WatchedServer

PATIENCE = 10  # seconds, far more than anything here takes


class Server(WatchedServer):
    """Answers while it is `up`. `asked` counts the questions."""

    pause, moment, watcher = 0.001, 0.0, "test-watch"

    def __init__(self, *, up: bool = True) -> None:
        super().__init__()
        self.up, self.asked, self.complete = up, 0, True
        self.causes: list[BaseException | None] = []
        self.outages: list[float] = []
        self.returned = threading.Event()
        self.away_when_noted: list[bool] = []

    def _answers(self) -> bool:
        self.asked += 1
        return self.up

    def _on_away(self, cause: BaseException | None) -> None:
        self.causes.append(cause)
        self.away_when_noted.append(self.away)

    def _on_return(self, seconds: float) -> None:
        self.outages.append(seconds)
        self.returned.set()

    def _may_return(self) -> bool:
        return self.complete


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.up = made.complete = True  # its thread ends


def test_an_answer_counts_for_a_moment(server: Server) -> None:
    server.moment = 3600  # type: ignore[misc]
    assert server.is_there()
    assert server.is_there()
    assert server.asked == 1
    server.moment = 0.0  # type: ignore[misc]
    assert server.is_there()
    assert server.asked == 2


def test_silence_is_noted_once_and_ends_with_an_answer(server: Server) -> None:
    server.up = False
    assert not server.is_there()
    assert server.away
    assert not server.is_there()
    assert (server.causes, server.away_when_noted) == ([None], [True])
    server.up = True
    assert server.returned.wait(PATIENCE)
    assert not server.away
    assert len(server.outages) == 1
    assert 0 < server.outages[0] < PATIENCE
    assert server.is_there()


def test_while_it_is_away_nobody_but_one_thread_asks(server: Server) -> None:
    server.pause = 3600  # type: ignore[misc]
    first = threading.Event()
    answers = server._answers

    def counted() -> bool:
        try:
            return answers()
        finally:
            first.set()

    server._answers = counted  # type: ignore[method-assign]
    server.up = False
    server.found_away(OSError("refused"))
    assert first.wait(PATIENCE)
    assert not any(server.is_there() for _ in range(100))
    assert server.asked == 1, "only the thread that waits for its return"
    assert [str(cause) for cause in server.causes] == ["refused"]


def test_of_many_that_find_it_away_the_first_counts(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    watching = []
    server.watcher = "test-watch-many"  # type: ignore[misc]
    monkeypatch.setattr(server, "_wait_for_return", lambda: watching.append(1))
    threads = [threading.Thread(target=server.found_away, args=(OSError(str(number)),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.causes) == 1
    for thread in threading.enumerate():
        if thread.name == server.watcher:
            thread.join(PATIENCE)
    assert watching == [1]


def test_one_thread_asks_and_for_the_others_it_counts_as_there(server: Server) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def slow() -> bool:
        server.asked += 1
        begun.set()
        assert goes_on.wait(PATIENCE)
        return server.up

    server._answers = slow  # type: ignore[method-assign]
    server.up = False
    found: list[bool] = []
    first = threading.Thread(target=lambda: found.append(server.is_there()))
    first.start()
    assert begun.wait(PATIENCE)
    assert server.is_there()
    assert server.asked == 1
    goes_on.set()
    first.join(PATIENCE)
    assert found == [False]
    assert not server.is_there()


def test_it_is_away_until_what_was_missed_is_made_good(server: Server) -> None:
    server.complete = False
    server.found_away()
    while server.asked < 3:
        assert not server.returned.wait(0.001)
    assert server.away
    server.complete = True
    assert server.returned.wait(PATIENCE)
    assert not server.away
