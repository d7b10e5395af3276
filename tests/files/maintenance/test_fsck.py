"""fsck finds each kind of damage that it has a code for, repairs what it promises to, and has no false alarms."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.actor import Actor
from accounts.models import QuotaAccount
from files.actions.create_folder import create_folder
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs.pools import storage_of
from files.maintenance.fsck import CODES, Finding, FsckReport, run_fsck
from files.models import (
    Blob,
    Change,
    Content,
    Extent,
    Grant,
    Mount,
    Node,
    Pool,
    QuarantinedObject,
    Restriction,
    Space,
    TrashItem,
    UploadPiece,
    Version,
)
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


class World:
    """A home with a bit of everything: folders, versions, trash, an upload, a file of many extents."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.user = make_user(quota_bytes=10**9)
        self.actor: Actor = actor_of(self.user)
        self.space: Space = home_of(self.user)
        self.file = put(self.actor, "a/b/c.txt", b"first").node
        put(self.actor, "a/b/c.txt", b"second!")
        put(self.actor, "a/ä.txt", b"umlaut")
        gone = put(self.actor, "old/gone.txt", b"gone").node
        trash_nodes(self.actor, node_ids=[gone.parent_id or 0])
        self.upload = open_upload(self.actor, wanted=UploadOptions(Target("big.bin"), length=12))
        write_piece(self.actor, upload_id=self.upload.pk, chunks=[b"0123"], piece=PieceOptions(4))
        self.folder = locate_path(self.actor, "a/b").node

    def content(self) -> Content:
        return Content.objects.get(versions__node=self.file, versions__size=7)

    def blob(self) -> Blob:
        return Blob.objects.get(extents__content=self.content())


@pytest.fixture
def world(pool: Pool) -> World:
    return World(pool)


def check(**options: Any) -> tuple[FsckReport, list[Finding]]:
    findings: list[Finding] = []
    report = run_fsck(on_finding=findings.append, **options)
    return report, findings


def codes(**options: Any) -> set[str]:
    return {finding.code for finding in check(**options)[1]}


def test_a_sound_world_is_clean(world: World) -> None:
    report, findings = check(hashes=True)
    assert findings == []
    assert report.exit_code == 0
    assert report.checked["nodes"] == 7
    assert report.checked["blobs"] == 5
    assert report.checked["contents"] == 4
    empty_trash(world.actor)
    assert codes(hashes=True) == set()
    remove_purged_rows()
    assert codes(hashes=True) == set()


def test_a_tree_that_is_purged_half_way_is_no_finding(world: World) -> None:
    empty_trash(world.actor)
    gone = Node.objects.get(name="gone.txt")
    Node.objects.filter(pk=gone.pk).update(version=None)
    Version.objects.filter(node=gone).delete()
    Node.objects.filter(pk=gone.pk).delete()
    assert codes() == set()


def wrong_size(world: World) -> None:
    Node.objects.filter(pk=world.folder.pk).update(size=99)


def wrong_file_size(world: World) -> None:
    Node.objects.filter(pk=world.file.pk).update(versions_size=0)


def wrong_descendants(world: World) -> None:
    Node.objects.filter(pk=world.space.root_id).update(descendants=1)


def low_height(world: World) -> None:
    Node.objects.filter(pk=world.space.root_id).update(height=1)


def extent_count(world: World) -> None:
    Content.objects.filter(pk=world.content().pk).update(extent_count=3)


def ledger(world: World) -> None:
    QuotaAccount.objects.filter(user=world.user).update(trash_bytes=3, uploads_bytes=1)


def team_ledger(world: World) -> None:
    QuotaAccount.objects.filter(team=world.user.membership.team).update(live_bytes=3)


def space_of_grant(world: World) -> None:
    """Whom it lets in would hold nothing in the space of the folder, and something in another one."""
    Grant.objects.create(node=world.folder, space_id=world.space.pk + 1, user=world.user, role="editor")


def space_of_restriction(world: World) -> None:
    Restriction.objects.create(node=world.folder, space_id=world.space.pk + 1)


def grant_of_no_link(world: World) -> None:
    Grant.objects.create(node=world.folder, space=world.space, link_id=7, role="viewer")


REPAIRED: list[tuple[str, Callable[[World], None]]] = [
    ("node.sums", wrong_size),
    ("node.sums", wrong_file_size),
    ("node.sums", wrong_descendants),
    ("node.height", low_height),
    ("content.extent_count", extent_count),
    ("ledger.lines", ledger),
    ("ledger.lines", team_ledger),
    ("access.space", space_of_grant),
    ("access.space", space_of_restriction),
    ("grant.link", grant_of_no_link),
]


@pytest.mark.parametrize(("code", "damage"), REPAIRED, ids=lambda value: getattr(value, "__name__", ""))
def test_what_follows_from_other_rows_is_repaired(world: World, code: str, damage: Callable[[World], None]) -> None:
    rows = Node.objects.order_by("pk").values("pk", "size", "versions_size", "descendants", "seq")
    before = list(rows), list(QuotaAccount.objects.order_by("pk").values())
    damage(world)
    assert code in codes()
    report, findings = check(repair=True)
    assert any(finding.repaired for finding in findings)
    assert report.exit_code == 1
    assert codes() == set()
    assert (list(rows), list(QuotaAccount.objects.order_by("pk").values())) == before


def test_the_space_of_a_grant_is_that_of_its_node(world: World) -> None:
    """Also of what is in the trash. A restriction that outlives its folder is no finding."""
    space_of_grant(world)
    Restriction.objects.create(node_id=1, space=world.space)
    Restriction.objects.create(node=Node.objects.get(name="old"), space=world.space)
    (finding,) = check()[1]
    grant = Grant.objects.get()
    said = f"in space {world.space.pk}, it says space {grant.space_id}; node {world.folder.pk}"
    assert (finding.code, finding.subject, finding.detail) == ("access.space", f"grant {grant.pk}", said)
    check(repair=True)
    assert (Grant.objects.get().space_id, Restriction.objects.count()) == (world.space.pk, 2)


def no_root(world: World) -> None:
    Space.objects.filter(pk=world.space.pk).update(root=None)


def file_as_root(world: World) -> None:
    Space.objects.filter(pk=world.space.pk).update(root=world.file)


def cycle(world: World) -> None:
    Node.objects.filter(name="a").update(parent=world.folder)


def stray(world: World) -> None:
    Node.objects.filter(pk=world.folder.pk).update(parent=None)


def below_a_file(world: World) -> None:
    Node.objects.filter(name="ä.txt").update(parent=world.file)


def other_space(world: World) -> None:
    other = home_of(make_user("bob@example.com"))
    Node.objects.filter(pk=world.file.pk).update(space=other, seq=0)


def wrong_key(world: World) -> None:
    Node.objects.filter(pk=world.file.pk).update(name_key="C.TXT")


def bad_name(world: World) -> None:
    Node.objects.filter(pk=world.file.pk).update(name="c/d", name_key="c/d")


def future_seq(world: World) -> None:
    Node.objects.filter(pk=world.file.pk).update(seq=1000)


def no_version(world: World) -> None:
    Node.objects.filter(pk=world.file.pk).update(version=None)


def foreign_version(world: World) -> None:
    other = Version.objects.get(node__name="ä.txt")
    Node.objects.filter(pk=other.node_id).update(version=None)
    Node.objects.filter(pk=world.file.pk).update(version=other)


def version_size(world: World) -> None:
    Version.objects.filter(node=world.file, size=5).update(size=6)


def trashed_with_parent(world: World) -> None:
    Node.objects.filter(name="old").update(parent=world.folder)


def journal_gap(world: World) -> None:
    Change.objects.filter(seq=2).delete()


def journal_last(world: World) -> None:
    Space.objects.filter(pk=world.space.pk).update(seq=500)


def extent_gap(world: World) -> None:
    Extent.objects.filter(content=world.content()).update(offset=1)


def extent_missing(world: World) -> None:
    Extent.objects.filter(content=world.content()).delete()


def extent_outside(world: World) -> None:
    Extent.objects.filter(content=world.content()).update(blob_offset=1)


def extent_other_pool(world: World) -> None:
    Blob.objects.filter(pk=world.blob().pk).update(pool=Pool.objects.create(name="other", url="memory://other"))


def extent_doomed(world: World) -> None:
    Blob.objects.filter(pk=world.blob().pk).update(doomed_at=world.upload.created_at)


def piece_outside(world: World) -> None:
    UploadPiece.objects.update(length=5)


def mount_of_nothing(world: World) -> None:
    mounted_space(world.actor)
    Node.objects.filter(target_id__isnull=False).update(target_id=1)


def mount_of_nobody(world: World) -> None:
    mounted_space(world.actor)
    Mount.objects.update(node=None)


def miscounted_mounts(world: World) -> None:
    mounted_space(world.actor)
    Space.objects.filter(pk=world.space.pk).update(mounts=9)


REPORTED: list[tuple[str, Callable[[World], None]]] = [
    ("space.root", no_root),
    ("space.root", file_as_root),
    ("node.cycle", cycle),
    ("node.stray", stray),
    ("node.parent", below_a_file),
    ("node.space", other_space),
    ("node.name", wrong_key),
    ("node.name", bad_name),
    ("node.seq", future_seq),
    ("file.version", no_version),
    ("file.version", foreign_version),
    ("version.size", version_size),
    ("trash.item", trashed_with_parent),
    ("mount.target", mount_of_nothing),
    ("mount.target", mount_of_nobody),
    ("mount.count", miscounted_mounts),
    ("journal.gap", journal_gap),
    ("journal.last", journal_last),
    ("content.extents", extent_gap),
    ("content.extents", extent_missing),
    ("extent.blob", extent_outside),
    ("blob.missing", extent_other_pool),
    ("extent.blob", extent_doomed),
    ("piece.blob", piece_outside),
]


@pytest.mark.parametrize(("code", "damage"), REPORTED, ids=lambda value: getattr(value, "__name__", ""))
def test_what_nothing_else_can_tell_is_reported(world: World, code: str, damage: Callable[[World], None]) -> None:
    damage(world)
    report, findings = check()
    assert code in {finding.code for finding in findings}
    assert report.exit_code == 1
    check(repair=True)
    assert code in codes(), "a repair must not make damage invisible"


def test_a_missing_object_names_every_file_that_needs_it(world: World) -> None:
    put(world.actor, "copy of c.txt", b"second!")
    storage_of(world.pool).delete(world.blob().key)
    (finding,) = check()[1]
    assert finding.code == "blob.missing"
    assert finding.affected is not None
    lines = sorted(finding.affected())
    assert [line.split("'")[1] for line in lines] == ["/a/b/c.txt", "/copy of c.txt"]
    assert all("current version" in line for line in lines)
    (still,) = check(repair=True)[1]
    assert not still.repaired
    assert codes() == {"blob.missing"}


def test_a_missing_object_of_trash_earlier_version_and_upload_is_named_too(world: World) -> None:
    storage = storage_of(world.pool)
    storage.delete_many([info.key for info in storage.list()])
    text = "\n".join(line for finding in check()[1] if finding.affected for line in finding.affected())
    assert "'/old/gone.txt (deleted)'" in text
    assert "'/a/b/c.txt', earlier version" in text
    assert f"upload {world.upload.pk}" in text


def test_an_object_of_another_size_and_other_bytes(world: World) -> None:
    storage, blob = storage_of(world.pool), world.blob()
    storage.delete(blob.key)
    storage.put(blob.key, [b"sECOND!"])
    assert codes() == set(), "only reading finds it"
    _report, (finding,) = check(hashes=True)
    assert finding.code == "content.hash"
    assert finding.affected
    assert "c.txt" in "".join(finding.affected())
    storage.delete(blob.key)
    storage.put(blob.key, [b"short"])
    assert codes() == {"blob.size"}
    storage.delete(blob.key)
    assert codes(hashes=True) == {"blob.missing", "content.unreadable"}


def test_a_wrong_checksum(world: World) -> None:
    Content.objects.filter(pk=world.content().pk).update(checksums={"md5": "0" * 32})
    assert codes(hashes=True) == {"content.checksum"}


def test_orphans_are_quarantined_and_come_back_when_needed(world: World) -> None:
    storage = storage_of(world.pool)
    storage.put("ab/cd/orphan-1", [b"orphan"])
    assert codes() == set(), "it is young: perhaps somebody is about to use it"
    assert codes(grace=timedelta(0)) == {"object.orphan"}
    assert check(grace=timedelta(0), repair=True)[1][0].repaired
    assert codes(grace=timedelta(0)) == set()
    assert [info.key for info in storage.list(prefix="quarantine/")] == ["quarantine/ab/cd/orphan-1"]
    assert QuarantinedObject.objects.get().size == 6
    blob = Blob.objects.create(pool=world.pool, key="ab/cd/orphan-1", size=6)
    assert codes() == {"blob.missing"}
    assert check(repair=True)[1][0].repaired
    assert codes() == set()
    assert storage.size(blob.key) == 6
    assert not QuarantinedObject.objects.exists()


def test_a_pool_that_does_not_answer(world: World) -> None:
    Pool.objects.create(name="far", url="s3://key:secret@127.0.0.1:9/bucket?secure=0")
    report, (finding,) = check()
    assert finding.code == "pool.unavailable"
    assert report.exit_code == 2
    assert report.checked["blobs"] == 5, "the others are checked"


def test_every_code_is_planted_somewhere() -> None:
    planted = {code for code, _ in REPAIRED + REPORTED}
    planted |= {"blob.missing", "blob.size", "content.hash", "content.unreadable", "content.checksum"}
    planted |= {"object.orphan", "pool.unavailable"}
    planted |= {"content.region", "piece.region"}  # test_regions.py
    planted |= {"blob.dead"}  # test_erasure.py
    assert planted == set(CODES)


def test_the_command(world: World) -> None:
    out = StringIO()
    call_command("fsck", "--hash", stdout=out)
    assert out.getvalue().startswith("clean: ")
    storage_of(world.pool).delete(world.blob().key)
    out = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("fsck", stdout=out)
    assert exit_.value.code == 1
    assert "affected: " in out.getvalue()
    assert "1 findings, 0 repaired (1 blob.missing)" in out.getvalue()


def test_memory_and_queries_do_not_grow_with_the_tree(world: World, django_assert_max_num_queries: Any) -> None:
    """The number of statements depends on the ranges of ids, not on the rows."""
    with django_assert_max_num_queries(80):
        check()
    for number in range(100):
        create_folder(world.actor, target=Target(f"many/{number}"))
    with django_assert_max_num_queries(80):
        check()


def test_ids_in_ranges(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums across the borders of ranges."""
    monkeypatch.setattr("files.maintenance.ranges.id_ranges.__defaults__", (2,))
    assert codes() == set()
    wrong_size(world)
    assert codes() == {"node.sums"}
    assert TrashItem.objects.count() == 1
    assert connection.vendor


def test_every_code_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs/operations/upkeep.md").read_text()
    assert [code for code in CODES if f"`{code}`" not in text] == []
