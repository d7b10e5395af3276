"""What was purged, or left for another region, is gone from every object in time, and that can be proved."""

import os
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import Team, User
from common.clock import now
from files.actions import pools
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.finish_upload import finish_upload
from files.actions.regions import set_team_region
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.versions import delete_versions
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs.pools import storage_of
from files.maintenance import compact, moving, quarantine, regions
from files.maintenance.fsck import run_fsck
from files.maintenance.gc import run_gc
from files.maintenance.proving import prove
from files.models import Blob, Content, Erasure, Pool, PoolState, UploadPiece
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.writing import WriteOptions
from tests.support.people import SYSTEM, actor_of, make_user
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db
SECRET = b"the secret that must be gone"
DAY = timedelta(days=1)


@pytest.fixture
def eu(pool: Pool) -> Iterator[Pool]:
    made = Pool.objects.create(name="in-eu", region="eu", url=f"memory://eu-{os.urandom(6).hex()}")
    yield made
    storage_of(made).delete_many([info.key for info in storage_of(made).list()])


@pytest.fixture
def ada(pool: Pool) -> Actor:
    return actor_of(make_user("ada@example.com"))


def age(days: int = 3) -> None:
    """As if so many days had passed since everything was claimed and seen."""
    for row in (*Content.objects.all(), *Blob.objects.all()):
        row.claimed_at -= days * DAY
        if isinstance(row, Blob) and row.dead_since:
            row.dead_since -= days * DAY
        row.save()
    cache.clear()  # extents are cached for minutes, and nothing is committed here


def a_day() -> None:
    age(1)
    run_gc()
    compact.run_compact()


def pack(actor: Actor, **files: bytes) -> None:
    bulk_write(actor, folder=Target(""), files=[SmallFile(name, data, WriteOptions()) for name, data in files.items()])


def purge(actor: Actor, *paths: str) -> None:
    trash_nodes(actor, node_ids=[locate_path(actor, path).node.pk for path in paths])
    empty_trash(actor)
    remove_purged_rows()


def everywhere(*pools: Pool) -> bytes:
    """All bytes of all objects."""
    found = b""
    for pool in pools:
        storage = storage_of(pool)
        for info in [*storage.list(), *storage.list(prefix="quarantine/")]:
            found += b"".join(storage.open(info.key, 0, info.size))
    return found


def test_a_small_part_of_a_pack_is_gone_in_time(ada: Actor, pool: Pool) -> None:
    pack(ada, secret=SECRET, rest=b"r" * 5_000)
    purge(ada, "secret")
    assert SECRET in everywhere(pool)
    days = 0
    while SECRET in everywhere(pool):
        a_day()
        days += 1
        assert days <= 7, "ERASURE_PERIOD is over"
        assert run_fsck().clean, "it is not late"
    assert bytes_at(ada, "rest") == b"r" * 5_000
    assert Blob.objects.get().dead_since is None
    report = run_fsck(hashes=True)
    assert report.clean
    assert not report.pending["objects"]


def test_until_then_fsck_and_the_console_tell(ada: Actor, pool: Pool, admin_client: object) -> None:
    pack(ada, secret=SECRET, rest=b"r" * 5_000)
    purge(ada, "secret")
    a_day()
    a_day()
    report = run_fsck()
    assert report.pending == {"objects": 1, "bytes": len(SECRET)}
    assert f"{len(SECRET)} bytes in 1 objects are still to be erased" in report.summary()
    assert report.exit_code == 0
    from files.admin.dashboard import dashboard

    figures = {str(one["title"]): one for one in dashboard(None, {})["figures"]}  # type: ignore[arg-type]
    assert figures["Objects to be erased"]["value"] == 1
    Blob.objects.update(dead_since=now() - 8 * DAY)
    late = run_fsck()
    assert late.found == {"blob.dead": 1}
    assert late.exit_code == 1


def test_a_shorter_period(ada: Actor, pool: Pool, settings: Settings) -> None:
    settings.ERASURE_PERIOD, settings.GC_GRACE = DAY, timedelta(0)
    pack(ada, secret=SECRET, rest=b"r" * 5_000)
    purge(ada, "secret")
    age()
    run_gc()
    compact.run_compact()
    run_gc()
    assert SECRET not in everywhere(pool)


def test_a_pack_in_a_pool_that_takes_nothing(ada: Actor, pool: Pool, eu: Pool) -> None:
    pack(ada, secret=SECRET, rest=b"r" * 5_000)
    purge(ada, "secret")
    pools.set_pool_state(SYSTEM, pool_id=pool.pk, state=PoolState.READ_ONLY)
    for _ in range(7):
        a_day()
    assert SECRET in everywhere(pool), "there is no other pool of its region"
    other = Pool.objects.create(name="other", url=f"memory://other-{os.urandom(6).hex()}")
    for _ in range(3):
        a_day()
    assert SECRET not in everywhere(pool, other, eu)
    assert bytes_at(ada, "rest") == b"r" * 5_000
    assert Blob.objects.get().pool == other


def test_a_region_change_leaves_nothing_in_packs(ada: Actor, pool: Pool, eu: Pool) -> None:
    """The pack is shared by hand with another team: bulk uploads of one team alone would leave a dead object."""
    bob = actor_of(make_user("bob@example.com"))
    pack(ada, secret=SECRET, rest=b"r" * 5_000)
    rest = locate_path(ada, "rest").node.version
    assert rest is not None
    put(bob, "mine", b"x")
    Content.objects.filter(pk=rest.content_id).update(team=bob.team_id)
    mine = locate_path(bob, "mine").node
    type(rest).objects.filter(node=mine).update(content=rest.content_id, size=5_000)
    type(rest).objects.filter(pk=rest.pk).update(content=Content.objects.get(size=1).pk, size=1)
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")
    regions.run_regions()
    assert SECRET in everywhere(pool)
    for _ in range(7):
        a_day()
    assert SECRET not in everywhere(pool)
    assert SECRET in everywhere(eu)
    assert bytes_at(ada, "secret") == SECRET


def test_pieces_follow_their_region(ada: Actor, pool: Pool, eu: Pool) -> None:
    upload = open_upload(ada, wanted=UploadOptions(Target("late"), length=8))
    for offset, part in ((0, b"1234"), (4, b"5678")):
        write_piece(ada, upload_id=upload.pk, chunks=[part], piece=PieceOptions(offset))
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")
    report = regions.run_regions()
    assert (report.pieces, report.failed) == (2, 0)
    assert set(UploadPiece.objects.values_list("blob__pool", flat=True)) == {eu.pk}
    assert not regions.unsettled().exists()
    finish_upload(ada, upload_id=upload.pk)
    assert bytes_at(ada, "late") == b"12345678"
    assert set(Content.objects.values_list("extents__blob__pool", flat=True)) == {eu.pk}
    age()
    run_gc()
    assert everywhere(pool) == b""
    assert run_fsck(hashes=True).clean


def test_a_damaged_piece_stays_and_is_told(ada: Actor, pool: Pool, eu: Pool) -> None:
    data = os.urandom(4 * 1024 * 1024)
    upload = open_upload(ada, wanted=UploadOptions(Target("late"), length=len(data) + 1))
    write_piece(ada, upload_id=upload.pk, chunks=[data], piece=PieceOptions(0))
    blob = Blob.objects.get()
    storage_of(pool).delete(blob.key)
    storage_of(pool).put(blob.key, [b"x" + data[1:]])
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")
    assert regions.run_regions().failed == 1
    assert everywhere(eu) == b""
    assert regions.unsettled().exists()


def test_a_move_takes_no_other_regions_bytes_along(ada: Actor, pool: Pool, eu: Pool) -> None:
    """A team of `us` of which the bytes are still where they were, and a pool that is emptied into `eu`."""
    us = Pool.objects.create(name="in-us", region="us", url=f"memory://us-{os.urandom(6).hex()}")
    bob = actor_of(make_user("bob@example.com"))
    put(bob, "free", b"anywhere")
    put(ada, "file", b"a file of us")
    upload = open_upload(ada, wanted=UploadOptions(Target("late"), length=20))
    write_piece(ada, upload_id=upload.pk, chunks=[b"a piece"], piece=PieceOptions(0))
    Team.objects.filter(pk=ada.team_id).update(region="us", region_changed_at=now())
    pools.move_pool(SYSTEM, pool_id=pool.pk, target_id=eu.pk)
    moving.run_move()
    assert everywhere(eu) == b"anywhere"
    regions.run_regions()
    assert sorted([b"a file of us" in everywhere(us), b"a piece" in everywhere(us)]) == [True, True]
    for _ in range(3):
        a_day()
        moving.run_move()
    assert everywhere(eu) == b"anywhere"
    assert bytes_at(ada, "file") == b"a file of us"


def test_proof(ada: Actor, pool: Pool) -> None:
    pack(ada, secret=SECRET, rest=b"r" * 5_000)
    put(ada, "alone", b"alone in its object")
    put(ada, "twice", b"first")
    put(ada, "twice", b"second")
    put(ada, "kept", b"needed")
    put(ada, "copy", b"needed")
    owner = ada.user_id or 0
    assert prove(owner_id=owner).known == 0
    purge(ada, "secret", "alone", "copy")
    twice = locate_path(ada, "twice").node
    old = twice.versions.exclude(pk=twice.version_id).get()
    delete_versions(ada, node_id=twice.pk, version_ids=[old.pk])
    proof = prove(owner_id=owner)
    assert (proof.known, proof.needed, len(proof.remaining)) == (4, 1, 3)
    assert all(now() + 6 * DAY < left.due < now() + 8 * DAY for left in proof.remaining)
    for _ in range(7):
        a_day()
    proof = prove(team_id=ada.team_id)
    assert (proof.known, proof.needed, proof.remaining) == (4, 1, [])


def test_proof_believes_no_row(ada: Actor, pool: Pool, eu: Pool) -> None:
    """An object that some process left behind, under another key, in another pool, in quarantine."""
    put(ada, "alone", SECRET)
    purge(ada, "alone")
    for _ in range(4):
        a_day()
    assert prove(owner_id=ada.user_id).remaining == []
    storage_of(eu).put("ab/cd/elsewhere-1", [SECRET])
    (left,) = prove(owner_id=ada.user_id).remaining
    assert (left.pool, left.key) == (eu.name, "ab/cd/elsewhere-1")
    storage_of(eu).delete("ab/cd/elsewhere-1")
    storage_of(pool).put("ab/cd/old-2", [SECRET])
    quarantine.put_away(pool, "ab/cd/old-2", len(SECRET))
    (left,) = prove(owner_id=ada.user_id).remaining
    assert (left.pool, left.key) == (pool.name, "quarantine/ab/cd/old-2")
    storage_of(pool).delete("quarantine/ab/cd/old-2")
    storage_of(pool).put("ab/cd/other", [b"x" * len(SECRET)])
    assert prove(owner_id=ada.user_id).remaining == [], "of the same size, but other bytes"


def test_the_command(ada: Actor, pool: Pool) -> None:
    put(ada, "alone", SECRET)
    purge(ada, "alone")
    output = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("erase", "ada@example.com", "--prove", stdout=output)
    assert stopped.value.code == 1
    assert f"still there: {len(SECRET)} bytes at 0 of " in output.getvalue()
    for _ in range(4):
        a_day()
    for who in (["ADA@example.com"], [str(ada.user_id)], [str(ada.team_id), "--team"]):
        output = StringIO()
        call_command("erase", *who, "--prove", stdout=output)
        assert output.getvalue().startswith("1 ranges must be gone, 0 are needed again, 0 still there")
    with pytest.raises(CommandError):
        call_command("erase", "nobody@example.com", "--prove")
    User.objects.filter(pk=ada.user_id).update(email="gone@example.com")
    assert Erasure.objects.get().owner_id == ada.user_id
