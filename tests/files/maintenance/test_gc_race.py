"""Uploads of the same bytes while they are being collected, with real threads on PostgreSQL.

SQLite has one writer at a time, so that these moments do not exist there.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from accounts.actor import Actor
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.blobs import contents, reader
from files.errors import Busy
from files.maintenance import gc
from files.maintenance.fsck import run_fsck
from files.models import Blob, Content, Pool, Version
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs rows that are locked one by one"),
]
DATA = b"the same bytes"
PATIENCE = 300  # seconds: how often the collector comes by depends on the machine


@pytest.fixture
def _only_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a grace an object whose row is about to be written looks like an orphan: it is there for that."""
    monkeypatch.setattr(gc, "compare", lambda pool: iter(()))


def in_thread(function: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            function()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def unreferenced(actor: Actor) -> Content:
    """A content that nothing refers to, claimed long ago."""
    trash_nodes(actor, node_ids=[put(actor, "first.txt", DATA).node.pk])
    empty_trash(actor)
    remove_purged_rows()
    Content.objects.update(claimed_at=timezone.now() - timedelta(days=3))
    Blob.objects.update(claimed_at=timezone.now() - timedelta(days=3))
    return Content.objects.get()


def put_until_done(actor: Actor, path: str, data: bytes) -> Version:
    for _ in range(50):
        try:
            return put(actor, path, data).version
        except Busy:
            continue  # what the client is told: try again
    raise AssertionError("always busy")


def assert_whole(version: Version, data: bytes) -> None:
    reader.forget(version.content_id)
    assert reader.read_bytes(Content.objects.get(pk=version.content_id)) == data
    assert run_fsck(hashes=True).clean


def test_claimed_before_the_collector_looks_under_its_lock(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim is made, not yet committed: the collector passes by without waiting."""
    actor = actor_of(make_user())
    unreferenced(actor)
    claimed, go_on = threading.Event(), threading.Event()
    insert = contents.lock_existing
    result: list[Version] = []

    def pausing(*arguments: object) -> dict[str, Content]:
        found = insert(*arguments)  # type: ignore[arg-type]
        claimed.set()
        assert go_on.wait(10)
        return found

    monkeypatch.setattr(contents, "lock_existing", pausing)
    uploader = in_thread(lambda: result.append(put(actor, "second.txt", DATA).version))
    assert claimed.wait(10)
    started = time.monotonic()
    report = gc.run_gc()
    assert report.contents == 0
    assert report.blobs == 0
    assert time.monotonic() - started < 5, "it does not wait for uploads"
    go_on.set()
    uploader.join(10)
    assert_whole(result[0], DATA)


def test_collected_while_an_upload_wants_to_claim(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The collector holds the lock: the upload waits, sees the content gone, and stores its bytes again."""
    actor = actor_of(make_user())
    content = unreferenced(actor)
    locked, waiting = threading.Event(), threading.Event()
    lock = gc._lock
    result: list[Version] = []

    def pausing(rows: object) -> object:
        found = lock(rows)  # type: ignore[arg-type]
        list(found)
        locked.set()
        waiting.wait(1)
        return found

    monkeypatch.setattr(gc, "_lock", pausing)

    def upload() -> None:
        assert locked.wait(10)
        result.append(put_until_done(actor, "second.txt", DATA))

    uploader = in_thread(upload)
    report = gc.run_gc()
    uploader.join(20)
    assert report.contents == 1
    assert not Content.objects.filter(pk=content.pk).exists()
    assert_whole(result[0], DATA)


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("_only_rows")
def test_many_uploads_and_removals_beside_a_collector_without_grace(pool: Pool, settings: Settings) -> None:
    settings.BRAKE = False  # how many each of them removes depends on the machine
    race = Race()
    actors = [actor_of(make_user(f"p{number}@example.com")) for number in range(3)]
    threads = [in_thread(race.guarded(race.upload, actor)) for actor in actors] + [
        in_thread(race.guarded(race.collect))
    ]
    for thread in threads:
        thread.join(PATIENCE + 60)
    assert race.failures == []
    assert race.collected >= 20, "the race took place"
    for version, data in race.kept:
        reader.forget(version.content_id)
        assert reader.read_bytes(Content.objects.get(pk=version.content_id)) == data
    assert run_fsck(hashes=True).clean


class Race:
    """Uploads of five contents, each read back and removed again, until enough of them were collected."""

    def __init__(self) -> None:
        self.kept: list[tuple[Version, bytes]] = []
        self.failures: list[BaseException] = []
        self.collected = self.passes = 0
        self.end = time.monotonic() + PATIENCE

    def guarded(self, function: Callable[..., None], *arguments: object) -> Callable[[], None]:
        def run() -> None:
            try:
                function(*arguments)
            except BaseException as error:
                self.failures.append(error)

        return run

    def going_on(self) -> bool:
        return self.collected < 20 and time.monotonic() < self.end and not self.failures

    def upload(self, actor: Actor) -> None:
        number = 0
        while self.going_on():
            number += 1
            data = b"shared %d" % (number % 5)
            version = put_until_done(actor, f"{number}.txt", data)
            reader.forget(version.content_id)
            assert reader.read_bytes(Content.objects.get(pk=version.content_id)) == data
            trash_nodes(actor, node_ids=[version.node_id])
            empty_trash(actor)
            if number % 3 == 0:
                self.let_it_come_by()
        self.kept.append((put_until_done(actor, "last.txt", b"shared 1"), b"shared 1"))

    def let_it_come_by(self) -> None:
        """Else rows to purge come faster than they go, and each content is always in use."""
        before = self.passes
        while self.passes < before + 2 and self.going_on():
            time.sleep(0.002)

    def collect(self) -> None:
        while self.going_on():
            remove_purged_rows()
            self.collected += gc.run_gc(grace=timedelta(0)).contents
            self.passes += 1


def test_two_collectors_at_once(pool: Pool) -> None:
    actor = actor_of(make_user())
    for number in range(30):
        trash_nodes(actor, node_ids=[put(actor, f"{number}", b"%d" % number).node.pk])
    empty_trash(actor)
    remove_purged_rows()
    Content.objects.update(claimed_at=timezone.now() - timedelta(days=3))
    Blob.objects.update(claimed_at=timezone.now() - timedelta(days=3))
    threads = [in_thread(gc.run_gc) for _ in range(3)]
    for thread in threads:
        thread.join(30)
    gc.run_gc()
    assert not Content.objects.exists()
    assert not Blob.objects.exists()
    assert run_fsck(hashes=True).clean


@pytest.fixture(autouse=True)
def _connection() -> Iterator[None]:
    yield
    connection.close()
