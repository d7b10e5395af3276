"""Moving blobs between pools: every byte arrives, whatever happens on the way, and nothing stays behind."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from files.actions import pools
from files.actions.copy import copy_node
from files.actions.finish_upload import finish_upload
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs import reader
from files.blobs.pools import storage_of
from files.errors import InvalidRequest
from files.maintenance import moving
from files.maintenance.gc import run_gc
from files.maintenance.moving import blobs as moving_blobs
from files.maintenance.moving.run import Pace, Stopped
from files.models import Blob, BlobCopy, Content, CopyState, MoveProblem, Pool, PoolState, Upload, Version
from files.queries.pools import pool_status
from files.queries.target import Target
from files.queries.tree import locate_path
from storage.base import StorageError
from storage.memory import MemoryStorage
from tests.files.maintenance.moving_world import NOTHING, age_left, check, objects, settle, world
from tests.support.people import SYSTEM, actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def move(source: Pool, target: Pool, **options: Any) -> moving.MoveReport:
    pools.move_pool(SYSTEM, pool_id=source.pk, target_id=target.pk)
    return moving.run_move(**options)


def test_everything_moves_and_is_the_same(pool: Pool, other: Pool) -> None:
    files = world()
    check(files)
    count, size = Blob.objects.count(), sum(Blob.objects.values_list("size", flat=True))
    before = objects(pool)
    report = move(pool, other)
    assert (report.blobs, report.bytes, report.damaged) == (count, size, 0)
    check(files)
    assert not Blob.objects.filter(pool=pool).exists()
    assert not Content.objects.filter(pool=pool).exists()
    assert objects(pool) == before, "whoever reads there now can go on"
    age_left()
    assert moving.is_due()
    assert moving.run_move().removed == count
    assert objects(pool) == []
    assert not BlobCopy.objects.exists()
    assert not moving.is_due()
    check(files)
    status = pool_status([Pool.objects.get(pk=pool.pk)])[0]
    assert (status.blobs, status.percent, status.pool.moved_blobs, status.pool.moved_bytes) == (0, 100, count, size)


def test_back_again_without_a_copy_while_the_objects_are_there(pool: Pool, other: Pool) -> None:
    files = world()
    before = objects(pool)
    moved = move(pool, other).blobs
    report = move(other, pool)
    assert (report.blobs, report.back) == (moved, moved)
    assert objects(pool) == before
    pool.refresh_from_db()
    assert pool.state == PoolState.ACTIVE
    check(files)
    age_left()
    moving.run_move()
    assert objects(other) == []
    check(files)


def test_back_again_by_copying(pool: Pool, other: Pool) -> None:
    files = world()
    move(pool, other)
    age_left()
    moving.run_move()
    report = move(other, pool)
    assert (report.back, report.blobs) == (0, Blob.objects.count())
    check(files)


def test_a_way_back_that_is_gone_is_not_taken(pool: Pool, other: Pool) -> None:
    files = world()
    move(pool, other)
    storage_of(pool).delete_many(objects(pool))
    report = move(other, pool)
    assert report.back == 0
    assert report.blobs == Blob.objects.count()
    check(files)


def test_a_reader_that_has_begun_goes_on(pool: Pool, other: Pool) -> None:
    world()
    content = Content.objects.get(size=30)
    assert reader.read_bytes(content)
    stream = reader.read(content)
    first = next(stream)
    move(pool, other)
    assert first + b"".join(stream) == b"%010d%010d%010d" % (0, 10, 20)
    age_left()
    moving.run_move()
    assert reader.read_bytes(content, 5, 10) == b"0000000000", "extents are cached, places are not"


def test_new_writes_find_bytes_that_have_not_moved_yet(pool: Pool, other: Pool) -> None:
    world()
    actor = actor_of(User.objects.get(email="ada@example.com"))
    pools.move_pool(SYSTEM, pool_id=pool.pk, target_id=other.pk)
    moving.domains.assign(pool, other, moving.MoveReport(), lambda: None)
    blobs = Blob.objects.count()
    put(actor, "mine", b"small")
    assert Blob.objects.count() == blobs
    put(actor, "new", b"new")
    assert Blob.objects.latest("pk").pool == other


def test_the_same_bytes_in_both_pools_become_one_content(pool: Pool, other: Pool) -> None:
    actor = actor_of(make_user("ada@example.com"))
    first = put(actor, "first", b"the same")
    pools.set_pool_state(SYSTEM, pool_id=pool.pk, state="read_only")
    second = put(actor, "second", b"the same")
    assert first.version.content_id != second.version.content_id
    move(pool, other)
    assert set(Version.objects.values_list("content_id", flat=True)) == {second.version.content_id}
    assert not moving.is_due(), "the other one is for gc"
    check({"first": b"the same", "second": b"the same"})
    settle()
    assert Blob.objects.count() == Content.objects.count() == 1
    check({"first": b"the same", "second": b"the same"})
    assert objects(pool) == []


def test_an_upload_goes_on_while_its_pool_is_emptied(pool: Pool, other: Pool) -> None:
    actor = actor_of(make_user("ada@example.com"))
    upload = open_upload(actor, wanted=UploadOptions(Target("pieces"), length=30))
    write_piece(actor, upload_id=upload.pk, chunks=[b"%010d" % 0], piece=PieceOptions(0))
    pools.move_pool(SYSTEM, pool_id=pool.pk, target_id=other.pk)
    write_piece(actor, upload_id=upload.pk, chunks=[b"%010d" % 10], piece=PieceOptions(10))
    assert list(Blob.objects.order_by("pk").values_list("pool__name", flat=True)) == ["default", "other"]
    moving.run_move()
    assert Upload.objects.get().pool == other
    write_piece(actor, upload_id=upload.pk, chunks=[b"%010d" % 20], piece=PieceOptions(20))
    finish_upload(actor, upload_id=upload.pk)
    check({"pieces": b"%010d%010d%010d" % (0, 10, 20)})
    assert not Blob.objects.filter(pool=pool).exists()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", range(40))
def test_killed_at_any_moment(pool: Pool, other: Pool, moment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is gone between two steps: no handler runs. The next run goes on, nothing is left over."""
    files = world()
    steps = iter(range(moment))
    patched = [
        (moving_blobs, "copy_object"), (moving_blobs, "switch"), (moving_blobs.Mover, "_reserve"),
        (MemoryStorage, "_put"), (MemoryStorage, "_delete_many"), (moving.domains, "_assign"),
    ]  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(moving_blobs, "remove_unfinished", lambda copies, progress: None)
        for place, name in patched:
            patch.setattr(place, name, dying(getattr(place, name), steps))
        for _ in range(2):
            try:
                move(pool, other)
                age_left()
                moving.run_move()
            except Killed:
                break
    check(files)
    moving.run_move()
    settle()
    check(files)
    assert objects(pool) == []
    assert not BlobCopy.objects.exists()
    assert sorted(objects(other)) == sorted(Blob.objects.values_list("key", flat=True))


def dying(function: Any, steps: Iterator[int]) -> Any:
    """Dies before or after the step, by turns."""

    def run(*arguments: Any, **options: Any) -> Any:
        if next(steps, None) is None:
            raise Killed
        result = function(*arguments, **options)
        if next(steps, None) is None:
            raise Killed
        return result

    return run


def test_two_movers_do_no_harm(pool: Pool, other: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One was frozen and has lost its lease: what it copied is given up."""
    files = world()
    pools.move_pool(SYSTEM, pool_id=pool.pk, target_id=other.pk)
    original, done = moving_blobs.switch, list[int]()

    def late(source: Pool, arrived: Any, *, rate: int) -> Any:
        if not done:
            done.append(1)
            moving.run_move()
        return original(source, arrived, rate=rate)

    monkeypatch.setattr(moving_blobs, "switch", late)
    moving.run_move()
    check(files)
    settle()
    check(files)
    assert objects(pool) == []
    assert sorted(objects(other)) == sorted(Blob.objects.values_list("key", flat=True))


def test_damage_is_told_and_passed_over(pool: Pool, other: Pool) -> None:
    files = world()
    storage = storage_of(pool)
    by_size = {blob.size: blob for blob in Blob.objects.all()}
    gone, changed = by_size[3_000_000], by_size[5]
    storage.delete(gone.key)
    storage.delete(changed.key)
    storage.put(changed.key, [b"smell"])
    report = move(pool, other)
    assert report.damaged == 2
    assert report.blobs == Blob.objects.count() - 2
    found = dict(MoveProblem.objects.values_list("blob_id", "code"))
    assert found == {gone.pk: "not_found", changed.pk: "damaged"}
    assert not moving.is_due(), "not again at once"
    out = StringIO()
    call_command("pool", "status", "default", stdout=out, stderr=out)
    assert "2 cannot be moved" in out.getvalue()
    assert f"not moved: blob {gone.pk} {gone.key}: not_found" in out.getvalue()
    storage.put(gone.key, [files["large"]])
    storage.delete(changed.key)
    storage.put(changed.key, [b"small"])
    MoveProblem.objects.update(at=timezone.now() - timedelta(hours=2))
    assert moving.is_due()
    assert moving.run_move().blobs == 2
    assert not MoveProblem.objects.exists()
    check(files)


def test_one_bad_content_in_a_pack_is_found(pool: Pool, other: Pool) -> None:
    world()
    pack = max(Blob.objects.all(), key=lambda blob: blob.extents.count())
    assert pack.extents.count() == 20
    storage = storage_of(pool)
    with storage.open(pack.key) as opened:
        data = bytearray(opened.read())
    data[len(data) // 2] ^= 1
    storage.delete(pack.key)
    storage.put(pack.key, [bytes(data)])
    assert move(pool, other).damaged == 1
    assert MoveProblem.objects.get().code == "damaged"


def test_a_target_that_lies_or_fails_stops_the_run_and_keeps_the_source(
    pool: Pool, other: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = world()

    def lying(self: MemoryStorage, key: str, chunks: Any, size: int | None) -> int:
        return original(self, key, [bytes(len(b"".join(map(bytes, chunks))))], size)

    original = MemoryStorage._put
    for broken in (lying, raising(StorageError("no_space")), raising(StorageError("unavailable"))):
        with monkeypatch.context() as patch:
            patch.setattr(MemoryStorage, "_put", broken)
            with pytest.raises(StorageError):
                move(pool, other)
        assert objects(other) == []
        assert not BlobCopy.objects.exists()
        assert not MoveProblem.objects.exists()
        check(files)
    move(pool, other)
    check(files)


def raising(error: Exception) -> Any:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    return broken


def test_a_source_that_is_away_ends_the_run(pool: Pool, other: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = actor_of(make_user("ada@example.com"))
    for number in range(30):
        put(actor, f"{number}", b"%d" % number)
    with monkeypatch.context() as patch:
        patch.setattr(MemoryStorage, "_open", raising(StorageError("unavailable")))
        with pytest.raises(moving_blobs.SourceBroken):
            move(pool, other)
    assert MoveProblem.objects.count() == moving_blobs.BROKEN
    assert not BlobCopy.objects.exists()


def test_a_blob_that_is_collected_meanwhile_is_left_alone(
    pool: Pool, other: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(actor_of(make_user("ada@example.com")), "a", b"a")
    monkeypatch.setattr(moving_blobs.Mover, "_switch", after_dooming(moving_blobs.Mover._switch))
    assert move(pool, other).blobs == 0
    assert Blob.objects.get().pool == pool
    Blob.objects.update(doomed_at=None)
    moving.run_move()
    assert BlobCopy.objects.filter(state=CopyState.COMING).count() == 1, "the patched one again"
    monkeypatch.undo()
    Blob.objects.update(doomed_at=None)
    moving.run_move()
    settle()
    assert Blob.objects.get().pool == other
    assert len(objects(other)) == 1


def after_dooming(function: Any) -> Any:
    def run(*arguments: Any) -> Any:
        Blob.objects.update(doomed_at=timezone.now())
        return function(*arguments)

    return run


def test_moved_objects_are_nobodys_orphans(pool: Pool, other: Pool) -> None:
    """Neither gc nor fsck takes what was left behind for an orphan, nor what is on its way for lost."""
    files = world()
    move(pool, other)
    BlobCopy.objects.create(
        pool=other, key="ab/cd/coming-1", size=9, blob_id=1, state=CopyState.COMING, at=timezone.now()
    )
    storage_of(other).put("ab/cd/coming-2", [b"x"])
    BlobCopy.objects.create(
        pool=other, key="ab/cd/coming-2", size=9, blob_id=2, state=CopyState.COMING, at=timezone.now()
    )
    report = run_gc(grace=NOTHING)
    assert (report.orphans, report.released) == (0, 0)
    check(files)


def test_the_pace() -> None:
    pace = Pace(10_000_000)
    begin = timezone.now()
    for _ in range(20):
        pace.take(100_000)
    assert timedelta(seconds=0.15) < timezone.now() - begin < timedelta(seconds=1)
    pace.stopped.set()
    with pytest.raises(Stopped):
        pace.take(1)


def test_an_activated_pool_stops_moving(pool: Pool, other: Pool) -> None:
    files = world()
    pools.move_pool(SYSTEM, pool_id=pool.pk, target_id=other.pk)
    moving.run_move(seconds=-1)
    pools.set_pool_state(SYSTEM, pool_id=pool.pk, state="active")
    assert not moving.moves()
    put(actor_of(make_user("eve@example.com")), "x", b"to the oldest")
    assert Blob.objects.latest("pk").pool == pool
    check(files)


def test_bytes_stay_in_their_region(pool: Pool, other: Pool) -> None:
    for source, target, allowed in (("", "eu", True), ("eu", "eu", True), ("eu", "", False), ("eu", "us", False)):
        Pool.objects.filter(pk=pool.pk).update(region=source, state="active")
        Pool.objects.filter(pk=other.pk).update(region=target)
        if allowed:
            pools.move_pool(SYSTEM, pool_id=pool.pk, target_id=other.pk)
            continue
        with pytest.raises(InvalidRequest):
            pools.move_pool(SYSTEM, pool_id=pool.pk, target_id=other.pk)
        pools.move_pool(SYSTEM, pool_id=pool.pk)
        assert not moving.moves(), "it waits for a pool of its region"


def test_a_copy_meanwhile(pool: Pool, other: Pool) -> None:
    files = world()
    actor = actor_of(User.objects.get(email="ada@example.com"))
    move(pool, other)
    copy_node(actor, node_id=locate_path(actor, "large").node.pk, target=Target("copied"))
    check({**files, "copied": files["large"]})
