"""Collection: what goes, what stays, and that a killed run is finished by the next."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.actions.uploads import UploadOptions, abort_upload, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs import reader
from files.blobs.pools import storage_of
from files.maintenance import gc, quarantine
from files.maintenance.fsck import run_fsck
from files.models import Blob, Content, Extent, Pool, QuarantinedObject
from files.queries.target import Target
from storage.base import StorageError
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=3)


def age(delta: timedelta = LONG_AGO) -> None:
    """As if everything had been claimed that long ago."""
    Content.objects.update(claimed_at=timezone.now() - delta)
    Blob.objects.update(claimed_at=timezone.now() - delta)


def objects(pool: Pool, prefix: str = "") -> list[str]:
    return [info.key for info in storage_of(pool).list(prefix=prefix)]


def purged_file(pool: Pool, data: bytes = b"purged") -> None:
    actor = actor_of(make_user())
    trash_nodes(actor, node_ids=[put(actor, "gone.txt", data).node.pk])
    empty_trash(actor)
    remove_purged_rows()


def clean() -> bool:
    return run_fsck(hashes=True, grace=timedelta(0)).clean


def test_what_nothing_needs_goes_after_the_grace(pool: Pool) -> None:
    purged_file(pool)
    kept = put(actor_of(make_user("b@example.com")), "kept.txt", b"kept")
    assert gc.run_gc().contents == 0, "claimed just now"
    age()
    dry = gc.run_gc(dry_run=True)
    assert (dry.contents, dry.content_bytes, dry.blobs) == (1, 6, 0)
    assert Content.objects.count() == 2
    assert len(objects(pool)) == 2
    report = gc.run_gc()
    assert (report.contents, report.content_bytes, report.blobs, report.blob_bytes) == (1, 6, 1, 6)
    assert Content.objects.get() == kept.version.content
    assert objects(pool) == [Blob.objects.get().key]
    assert reader.read_bytes(kept.version.content) == b"kept"
    assert gc.run_gc().blobs == 0
    assert clean()


def test_a_claim_renews_the_grace(pool: Pool) -> None:
    purged_file(pool)
    age()
    put(actor_of(User.objects.get()), "again.txt", b"purged")
    assert gc.run_gc().contents == 0
    assert Content.objects.get().claimed_at > timezone.now() - LONG_AGO


def test_pieces_of_an_upload_stay_until_it_ends(pool: Pool) -> None:
    actor = actor_of(make_user())
    upload = open_upload(actor, wanted=UploadOptions(Target("big"), length=8))
    write_piece(actor, upload_id=upload.pk, chunks=[b"0123"], piece=PieceOptions(0))
    age()
    assert gc.run_gc().blobs == 0
    abort_upload(actor, upload_id=upload.pk)
    assert gc.run_gc(dry_run=True).blobs == 1
    assert gc.run_gc().blobs == 1
    assert objects(pool) == []
    assert not Blob.objects.exists()


class Killed(BaseException):
    """What a SIGKILL is to the code: nothing after it runs."""


@pytest.mark.parametrize("where", ["delete_many", "doom", "rows"])
def test_a_run_that_is_killed_is_finished_by_the_next(pool: Pool, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    purged_file(pool)
    age()
    storage = storage_of(pool)

    def killed(*arguments: Any, **options: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if where == "doom":
            patch.setattr(gc, "_doom_blobs", killed)
        elif where == "delete_many":
            patch.setattr(storage, "delete_many", killed)
        else:
            delete = storage.delete_many
            patch.setattr(storage, "delete_many", lambda keys: (delete(keys), killed()))
        with pytest.raises(Killed):
            gc.run_gc()
    assert clean(), "nothing half-done is visible in between either"
    assert gc.run_gc().blobs == 1
    assert not Blob.objects.exists()
    assert objects(pool) == []
    assert clean()


def test_a_doomed_blob_that_is_needed_all_the_same_is_kept(pool: Pool) -> None:
    written = put(actor_of(make_user()), "a.txt", b"needed")
    Blob.objects.update(doomed_at=timezone.now() - LONG_AGO)
    gc.run_gc()
    assert reader.read_bytes(written.version.content) == b"needed"
    assert Blob.objects.get().doomed_at is None


def test_unknown_objects_are_set_aside_for_a_week(pool: Pool) -> None:
    storage = storage_of(pool)
    storage.put("ab/cd/orphan-1", [b"orphan"])
    assert gc.run_gc().orphans == 0, "a write in flight"
    assert gc.run_gc(grace=timedelta(0), dry_run=True).orphans == 1
    assert objects(pool) == ["ab/cd/orphan-1"]
    report = gc.run_gc(grace=timedelta(0))
    assert (report.orphans, report.orphan_bytes, report.expired) == (1, 6, 0)
    assert objects(pool) == []
    assert objects(pool, "quarantine/") == ["quarantine/ab/cd/orphan-1"]
    QuarantinedObject.objects.update(found_at=timezone.now() - quarantine.KEPT - timedelta(minutes=1))
    report = gc.run_gc()
    assert (report.expired, report.expired_bytes) == (1, 6)
    assert objects(pool, "quarantine/") == []
    assert not QuarantinedObject.objects.exists()


def test_an_object_whose_row_came_later_than_the_grace_comes_back(pool: Pool) -> None:
    storage = storage_of(pool)
    storage.put("ab/cd/slow-1", [b"slow"])
    gc.run_gc(grace=timedelta(0))
    Blob.objects.create(pool=pool, key="ab/cd/slow-1", size=4)
    assert gc.run_gc().released == 1
    assert objects(pool) == ["ab/cd/slow-1"]
    assert clean()


def test_quarantine_that_was_interrupted(pool: Pool) -> None:
    """Killed between row and move, between copy and delete, or without a row: each is finished by the next run."""
    storage = storage_of(pool)
    for name in ("row", "copied", "moved"):
        storage.put(f"ab/cd/{name}", [b"orphan"])
    QuarantinedObject.objects.create(pool=pool, key="ab/cd/row", size=6)
    QuarantinedObject.objects.create(pool=pool, key="ab/cd/copied", size=6)
    storage.quarantine("ab/cd/copied")
    storage.put("ab/cd/copied", [b"orphan"])
    storage.quarantine("ab/cd/moved")
    assert gc.run_gc(grace=timedelta(0)).orphans == 2
    assert objects(pool) == []
    assert len(objects(pool, "quarantine/")) == 3
    assert QuarantinedObject.objects.count() == 3


def test_a_pool_that_does_not_answer_does_not_stop_the_others(pool: Pool) -> None:
    purged_file(pool)
    age()
    Pool.objects.filter(pk=pool.pk).update(name="zz")
    Pool.objects.create(pk=pool.pk + 1, name="far", url="s3://key:secret@127.0.0.1:9/bucket?secure=0")
    report = gc.run_gc()
    assert report.blobs == 1
    assert len(report.failed_pools) == 1
    assert "secret" not in report.failed_pools[0]


def test_the_database_itself_refuses_to_forget_a_needed_blob(pool: Pool) -> None:
    put(actor_of(make_user()), "a.txt", b"needed")
    with pytest.raises(Exception, match=r"protect|foreign|Cannot delete"):
        Blob.objects.get().delete()
    assert Extent.objects.exists()


def test_the_command(pool: Pool) -> None:
    purged_file(pool)
    age()
    out = StringIO()
    call_command("gc", "--dry-run", stdout=out)
    assert "would remove:" in out.getvalue()
    assert "contents     1 (6 bytes)" in out.getvalue()
    call_command("gc", stdout=out)
    assert "blobs        1 (6 bytes)" in out.getvalue()


def test_failing_storage_keeps_the_rows(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    purged_file(pool)
    age()

    def unavailable(keys: list[str]) -> None:
        raise StorageError("unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(storage_of(pool), "delete_many", unavailable)
        assert len(gc.run_gc().failed_pools) == 1
    assert Blob.objects.filter(doomed_at__isnull=False).count() == 1
    assert gc.run_gc().blobs == 1
