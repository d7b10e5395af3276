"""Checking, collecting, compacting and quarantine on every backend: what they ask of it, it does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from files.actions.finish_upload import finish_upload
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs import reader
from files.maintenance import compact, gc
from files.maintenance.fsck import run_fsck
from files.models import Blob, Content
from files.queries.target import Target
from storage.base import Storage
from tests.support.people import actor_of, make_user
from tests.support.trees import put

LONG_AGO = timedelta(days=3)


def age() -> None:
    Content.objects.update(claimed_at=timezone.now() - LONG_AGO)
    Blob.objects.update(claimed_at=timezone.now() - LONG_AGO)


@pytest.mark.django_db
def test_a_life_of_objects(open_place: Callable[[], tuple[str, Storage]], settings: Settings) -> None:
    settings.STORAGE_URL, storage = open_place()
    actor = actor_of(make_user())
    kept = put(actor, "kept.txt", b"kept").version.content
    gone = put(actor, "gone.txt", b"gone").node
    upload = open_upload(actor, wanted=UploadOptions(Target("pieces.bin"), length=30))
    for offset in (20, 0, 10):
        write_piece(actor, upload_id=upload.pk, chunks=[b"%010d" % offset], piece=PieceOptions(offset))
    pieces = finish_upload(actor, upload_id=upload.pk).version.content
    assert run_fsck(hashes=True, grace=timedelta(0)).clean

    trash_nodes(actor, node_ids=[gone.pk])
    empty_trash(actor)
    remove_purged_rows()
    age()
    assert compact.run_compact().as_dict() == {
        "contents": 1,
        "content_bytes": 30,
        "packs": 0,
        "freed_bytes": 0,
        "damaged": 0,
    }
    age()
    report = gc.run_gc()
    assert (report.contents, report.blobs, report.failed_pools) == (1, 4, [])
    assert run_fsck(hashes=True, grace=timedelta(0)).clean
    assert reader.read_bytes(kept) == b"kept"
    assert reader.read_bytes(pieces) == b"%010d%010d%010d" % (0, 10, 20)

    storage.put("ab/cd/orphan-1", [b"orphan"])
    assert gc.run_gc(grace=timedelta(seconds=-60)).orphans == 1
    assert [info.key for info in storage.list(prefix="quarantine/")] == ["quarantine/ab/cd/orphan-1"]
    Blob.objects.create(pool=kept.pool, key="ab/cd/orphan-1", size=6)
    assert run_fsck().found == {"blob.missing": 1}
    assert run_fsck(repair=True).repaired == {"blob.missing": 1}
    assert run_fsck().clean
    assert storage.size("ab/cd/orphan-1") == 6
