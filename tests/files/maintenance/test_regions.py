"""Bytes of a team are in its region: written there, found again there only, brought there when it changes."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.models import Team
from common.clock import now
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node
from files.actions.finish_upload import finish_upload
from files.actions.move import move_node
from files.actions.regions import require_same_region, set_team_region
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import write_file
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs.pools import storage_of, writable_pool
from files.errors import InvalidRequest, NoPoolInRegion, RegionDiffers
from files.maintenance import quarantine, regions
from files.maintenance.fsck import run_fsck
from files.maintenance.gc import run_gc
from files.models import Blob, Content, Node, Pool, PoolState, QuarantinedObject, Space
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.writing import WriteOptions
from storage.base import StorageError
from tests.support.people import SYSTEM, actor_of, make_user
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def eu(pool: Pool) -> Iterator[Pool]:
    yield from _pool("eu")


@pytest.fixture
def us(pool: Pool) -> Iterator[Pool]:
    yield from _pool("us")


def _pool(region: str) -> Iterator[Pool]:
    pool = Pool.objects.create(name=f"in-{region}", region=region, url=f"memory://{region}-{os.urandom(6).hex()}")
    yield pool
    storage_of(pool).delete_many([info.key for info in storage_of(pool).list()])


def person(name: str, region: str = "") -> Actor:
    user = make_user(f"{name}@example.com")
    Team.objects.filter(pk=user.membership.team_id).update(region=region)
    return actor_of(user)


def regions_of(actor: Actor) -> set[str]:
    """Where the bytes of a team really are."""
    contents = Content.objects.filter(versions__node__space__team_id=actor.team_id)
    return set(contents.values_list("extents__blob__pool__region", flat=True))


def test_every_way_of_writing_goes_to_the_region(pool: Pool, eu: Pool) -> None:
    ada = person("ada", "eu")
    put(ada, "small", b"small")
    put(ada, "large", os.urandom(2_000_000))
    bulk_write(
        ada, folder=Target(""), files=[SmallFile("a", b"a", WriteOptions()), SmallFile("b", b"b", WriteOptions())]
    )
    upload = open_upload(ada, wanted=UploadOptions(Target("pieces"), length=2))
    for offset in (0, 1):
        write_piece(ada, upload_id=upload.pk, chunks=[b"x"], piece=PieceOptions(offset))
    finish_upload(ada, upload_id=upload.pk)
    assert set(Blob.objects.values_list("pool__region", flat=True)) == {"eu"}
    assert set(Content.objects.values_list("pool__region", flat=True)) == {"eu"}


@pytest.mark.parametrize("size", [5, 3_000_000])
def test_refused_before_the_first_byte(pool: Pool, eu: Pool, size: int) -> None:
    ada = person("ada", "eu")
    Pool.objects.filter(pk=eu.pk).update(state=PoolState.READ_ONLY)

    def chunks() -> Iterator[bytes]:
        raise AssertionError("nothing is asked for")
        yield b""

    with pytest.raises(NoPoolInRegion) as caught:
        write_file(ada, target=Target("x"), chunks=chunks(), length=size)
    assert caught.value.code == "no_pool_in_region"
    with pytest.raises(NoPoolInRegion):
        open_upload(ada, wanted=UploadOptions(Target("y"), length=2))
    with pytest.raises(NoPoolInRegion):
        bulk_write(ada, folder=Target(""), files=[SmallFile("a", b"a", WriteOptions())])
    put(person("bob"), "anywhere")


def test_the_same_bytes_are_never_found_across_regions(pool: Pool, eu: Pool, us: Pool) -> None:
    for name, region in (("ada", "eu"), ("bob", "us"), ("eve", "")):
        put(person(name, region), "same", b"the same bytes")
    assert sorted(Content.objects.values_list("pool__name", flat=True)) == ["default", "in-eu", "in-us"]
    assert Blob.objects.count() == 3


def test_copies_and_moves_do_not_leave_the_region(pool: Pool, eu: Pool, us: Pool) -> None:
    ada, bob = person("ada", "eu"), person("bob", "us")
    mine, theirs = Space.objects.get(team_id=ada.team_id), Space.objects.get(team_id=bob.team_id)
    with pytest.raises(RegionDiffers):
        require_same_region(mine, theirs)
    Team.objects.update(region="eu")
    require_same_region(mine, theirs)
    require_same_region(mine, mine)


def test_copy_and_move_ask(pool: Pool, eu: Pool, us: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = person("ada", "eu"), person("bob", "us")
    node = put(ada, "file").node
    theirs = Space.objects.get(team_id=bob.team_id)
    target = Target("taken", space_id=theirs.pk)
    for act in (copy_node, move_node):
        with pytest.raises(RegionDiffers):
            act(SYSTEM, node_id=node.pk, target=target)
    assert not Node.objects.filter(space=theirs, name="taken").exists()


def test_a_team_that_moves(pool: Pool, eu: Pool, us: Pool) -> None:
    """What only it uses goes as it is, what others use stays for them."""
    ada, bob, eve = person("ada"), person("bob", "eu"), person("eve", "us")
    files = {f"bulk/{number}": os.urandom(50) for number in range(5)} | {"empty": b"", "shared": b"shared"}
    bulk_write(ada, folder=Target(""), files=[SmallFile(path, data, WriteOptions()) for path, data in files.items()])
    upload = open_upload(ada, wanted=UploadOptions(Target("pieces"), length=20))
    for offset in (0, 10):
        write_piece(ada, upload_id=upload.pk, chunks=[b"%010d" % offset], piece=PieceOptions(offset))
    finish_upload(ada, upload_id=upload.pk)
    files["pieces"] = b"%010d%010d" % (0, 10)
    begun = open_upload(ada, wanted=UploadOptions(Target("begun"), length=2))
    write_piece(ada, upload_id=begun.pk, chunks=[b"a"], piece=PieceOptions(0))
    put(bob, "shared", b"shared")
    put(eve, "shared", b"shared")
    ids = {path: locate_path(ada, path).node.version.content_id for path in files}  # type: ignore[union-attr]
    assert not regions.unsettled().exists()
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")
    report = regions.run_regions()
    assert (report.failed, report.waiting) == (0, 0)
    for path, data in files.items():
        assert bytes_at(ada, path) == data
        same = locate_path(ada, path).node.version.content_id == ids[path]  # type: ignore[union-attr]
        assert same, "the search index goes on"
    assert regions_of(ada) <= {"eu", None}
    assert regions_of(eve) == {"us"}
    assert bytes_at(bob, "shared") == bytes_at(eve, "shared") == b"shared"
    write_piece(ada, upload_id=begun.pk, chunks=[b"b"], piece=PieceOptions(1))
    finish_upload(ada, upload_id=begun.pk)
    assert regions_of(ada) == {"eu", None}, "also what had been sent before the change"
    assert not regions.unsettled().exists()
    Team.objects.filter(pk=ada.team_id).update(region_settled_at=Team.objects.get(pk=ada.team_id).region_changed_at)
    regions_later()
    assert regions_of(ada) <= {"eu", None}
    assert bytes_at(ada, "begun") == b"ab"
    assert run_fsck(hashes=True).clean
    run_gc(grace=-timedelta(seconds=1))
    assert not Blob.objects.filter(pool=pool).exists()
    assert run_fsck(hashes=True, grace=timedelta(0)).clean
    assert bytes_at(ada, "shared") == b"shared"


def regions_later() -> None:
    """An hour after."""
    hour = timedelta(hours=1, seconds=1)
    for team in Team.objects.exclude(region_settled_at=None):
        assert team.region_changed_at is not None
        assert team.region_settled_at is not None
        team.region_changed_at -= hour
        team.region_settled_at -= hour
        team.save()
    assert regions.unsettled().exists()
    regions.run_regions()


def findings(*, repair: bool = False) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    run_fsck(repair=repair, on_finding=lambda finding: found.append((finding.code, finding.repaired)))
    return found


def test_fsck_finds_what_lies_outside_and_has_it_brought(pool: Pool, eu: Pool, us: Pool) -> None:
    """A piece that a release before this one left outside, and that was finished when nobody looked any more."""
    ada, eve = person("ada"), person("eve", "us")
    put(ada, "shared", b"shared")
    upload = open_upload(ada, wanted=UploadOptions(Target("late"), length=2))
    write_piece(ada, upload_id=upload.pk, chunks=[b"a"], piece=PieceOptions(0))
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")
    put(eve, "shared", b"shared")
    assert findings() == [], "the job is about to do it"
    assert regions.run_regions().failed == 0
    blob = Blob.objects.get(pieces__upload=upload)
    storage_of(eu).delete(blob.key)
    storage_of(pool).put(blob.key, [b"a"])
    Blob.objects.filter(pk=blob.pk).update(pool=pool)
    write_piece(ada, upload_id=upload.pk, chunks=[b"b"], piece=PieceOptions(1))
    assert findings() == [], "and it looks again"
    later = timedelta(days=1, hours=2)
    team = Team.objects.filter(pk=ada.team_id or 0)
    team.update(region_changed_at=F("region_changed_at") - later)
    assert not regions.unsettled().exists()
    assert findings() == [("piece.region", False)]
    finish_upload(ada, upload_id=upload.pk)
    assert findings() == [("content.region", False)]
    assert run_fsck().found == {"content.region": 1}
    assert not regions.unsettled().exists()
    assert findings(repair=True) == [("content.region", True)]
    assert regions.unsettled().get() == team.get()
    regions.run_regions()
    team.update(region_changed_at=F("region_changed_at") - later)
    assert findings() == []
    assert (regions_of(ada), regions_of(eve)) == ({"eu"}, {"us"})
    assert bytes_at(ada, "late") == b"ab"


def test_fsck_asks_whoever_had_a_region_from_the_beginning(pool: Pool, eu: Pool) -> None:
    ada, bob = person("ada", "eu"), person("bob")
    written = put(ada, "file", b"here")
    put(bob, "file", b"anywhere")
    assert findings() == []
    Blob.objects.filter(extents__content=written.version.content).update(pool=pool)
    assert ("content.region", False) in findings()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("where", ["before its rows", "in its transaction"])
def test_what_a_killed_copy_left_is_found_by_gc(
    pool: Pool, eu: Pool, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    ada = person("ada")
    put(ada, "file", b"some bytes")
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")

    def killed(*_: object) -> bool:
        if where == "before its rows":
            raise Killed
        with transaction.atomic():
            switch(*_)
            raise Killed

    switch: Any = regions._switch
    with monkeypatch.context() as patched:
        patched.setattr(regions, "_switch", killed)
        with pytest.raises(Killed):
            regions.run_regions()
    (orphan,) = [info.key for info in storage_of(eu).list()]
    assert not Blob.objects.filter(pool=eu).exists()
    assert run_gc().orphans == 0, "it is young: perhaps it is still being written"
    report = run_gc(grace=-timedelta(seconds=1))
    assert (report.orphans, report.orphan_bytes) == (1, 10)
    assert [info.key for info in storage_of(eu).list()] == []
    assert [info.key for info in storage_of(eu).list(prefix="quarantine/")] == [f"quarantine/{orphan}"]
    assert QuarantinedObject.objects.get().pool == eu
    assert regions.run_regions().contents == 1, "the next run begins with a key of its own"
    assert (regions_of(ada), bytes_at(ada, "file")) == ({"eu"}, b"some bytes")
    QuarantinedObject.objects.update(found_at=now() - quarantine.KEPT - timedelta(minutes=1))
    assert run_gc().expired == 1
    assert run_fsck(hashes=True, grace=timedelta(0)).clean


def test_two_regions_have_the_same_bytes(pool: Pool, eu: Pool, us: Pool) -> None:
    ada, bob = person("ada"), person("bob")
    put(ada, "same", b"the same")
    put(bob, "same", b"the same")
    assert Content.objects.count() == 2
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")
    set_team_region(SYSTEM, team_id=bob.team_id or 0, region="us")
    regions.run_regions()
    assert (regions_of(ada), regions_of(bob)) == ({"eu"}, {"us"})
    assert bytes_at(ada, "same") == bytes_at(bob, "same") == b"the same"
    assert run_fsck(hashes=True).clean


def test_damage_stays_and_is_told(pool: Pool, eu: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person("ada")
    written = put(ada, "a", b"abc")
    put(ada, "b", b"def")
    blob = Blob.objects.get(extents__content=written.version.content)
    storage_of(pool).delete(blob.key)
    storage_of(pool).put(blob.key, [b"abx"])
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")
    report = regions.run_regions()
    assert (report.failed, report.contents) == (1, 1)
    assert regions.unsettled().exists()
    assert len(list(storage_of(eu).list())) == 1
    monkeypatch.setattr(type(storage_of(eu)), "_put", broken)
    assert regions.run_regions().failed == 1
    assert run_fsck().clean


def broken(*_: object) -> int:
    raise StorageError("unavailable")


def test_a_region_without_a_pool_is_refused(pool: Pool, eu: Pool) -> None:
    ada = person("ada")
    with pytest.raises(NoPoolInRegion):
        set_team_region(SYSTEM, team_id=ada.team_id or 0, region="mars")
    with pytest.raises(InvalidRequest):
        set_team_region(SYSTEM, team_id=ada.team_id or 0, region="No Such Name")
    set_team_region(SYSTEM, team_id=ada.team_id or 0, region="eu")
    Pool.objects.filter(pk=eu.pk).update(state=PoolState.DRAINING)
    assert regions.run_regions().waiting == 1
    with pytest.raises(NoPoolInRegion):
        writable_pool(Space.objects.get(team_id=ada.team_id))


def test_by_command(pool: Pool, eu: Pool, capsys: pytest.CaptureFixture[str]) -> None:
    person("ada")
    call_command("region", "set", "ada@example.com", "eu")
    call_command("region", "list")
    assert "ada@example.com: eu, on its way" in capsys.readouterr().out
    for team in ("nobody", "12345"):
        with pytest.raises(CommandError, match="no team"):
            call_command("region", "set", team, "eu")
    with pytest.raises(CommandError, match="region"):
        call_command("region", "set", "ada@example.com", "mars")
