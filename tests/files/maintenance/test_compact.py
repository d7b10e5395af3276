"""Many pieces become one object, half-empty packs become small; readers notice nothing."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actor import Actor
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.finish_upload import finish_upload
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import WriteOptions
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs import reader
from files.blobs.pools import storage_of
from files.maintenance import compact, gc
from files.maintenance.fsck import run_fsck
from files.models import Blob, Content, Extent, Node, Pool, PoolState
from files.queries.target import Target
from tests.support.people import actor_of, make_user

pytestmark = pytest.mark.django_db


def settle() -> None:
    Content.objects.update(claimed_at=timezone.now() - timedelta(days=3))
    Blob.objects.update(claimed_at=timezone.now() - timedelta(days=3))


def scattered(actor: Actor, data: bytes, step: int) -> Content:
    upload = open_upload(actor, wanted=UploadOptions(Target("big.bin"), length=len(data)))
    for offset in range(0, len(data), step):
        piece = PieceOptions(offset)
        write_piece(actor, upload_id=upload.pk, chunks=[data[offset : offset + step]], piece=piece)
    return finish_upload(actor, upload_id=upload.pk).version.content


def clean() -> bool:
    return run_fsck(hashes=True).clean


def test_many_pieces_become_one_object(pool: Pool) -> None:
    data = os.urandom(1000)
    content = scattered(actor_of(make_user()), data, 100)
    assert reader.read_bytes(content) == data, "cached now"
    assert compact.run_compact().contents == 0, "too young"
    settle()
    report = compact.run_compact()
    assert (report.contents, report.content_bytes, report.damaged) == (1, 1000, 0)
    content.refresh_from_db()
    assert content.extent_count == 1
    assert Extent.objects.get(content=content).length == 1000
    assert reader.read_bytes(content) == data
    assert clean()
    assert gc.run_gc().blobs == 0, "readers have a day"
    settle()
    assert gc.run_gc().blobs == 10
    assert Blob.objects.count() == 1
    assert reader.read_bytes(content) == data
    assert clean()
    assert compact.run_compact().contents == 0


def test_damage_is_never_made_good(pool: Pool) -> None:
    content = scattered(actor_of(make_user()), b"0123456789", 5)
    key = Blob.objects.order_by("pk")[0].key
    storage_of(pool).delete(key)
    storage_of(pool).put(key, [b"01X34"])
    settle()
    report = compact.run_compact()
    assert (report.contents, report.damaged) == (0, 1)
    content.refresh_from_db()
    assert content.extent_count == 2
    assert len(list(storage_of(pool).list())) == 2


def test_pieces_that_are_large_enough_stay(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    scattered(actor_of(make_user()), b"0123456789", 5)
    settle()
    monkeypatch.setattr(compact, "LARGE_PIECE", 5)
    assert compact.run_compact().contents == 0


def test_pools_that_must_not_be_written_to_are_left_alone(pool: Pool) -> None:
    scattered(actor_of(make_user()), b"0123456789", 5)
    settle()
    Pool.objects.update(state=PoolState.READ_ONLY)
    assert compact.run_compact().contents == 0


def test_a_content_that_vanishes_meanwhile(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    content = scattered(actor_of(make_user()), b"0123456789", 5)
    settle()
    Node.objects.update(version=None)
    content.versions.all().delete()
    before = compact.read

    def reading(content: Content) -> object:
        data = list(before(content))
        gc.run_gc()
        return iter(data)

    monkeypatch.setattr(compact, "read", reading)
    assert compact.join(content) is False
    assert not Content.objects.exists()


def test_a_pack_of_which_most_is_dead_becomes_small(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "LEAST_DEAD", 100)
    actor = actor_of(make_user())
    files = [SmallFile(f"f{n}", os.urandom(100), WriteOptions()) for n in range(10)]
    bulk_write(actor, folder=Target(), files=files)
    assert Blob.objects.get().size == 1000
    settle()
    assert compact.run_compact().packs == 0
    for name in ("f0", "f2", "f4", "f5", "f6", "f8"):
        trash_nodes(actor, node_ids=[Node.objects.get(name=name).pk])
    empty_trash(actor)
    remove_purged_rows()
    gc.run_gc()
    report = compact.run_compact()
    assert (report.packs, report.freed_bytes) == (1, 600)
    for number in (1, 3, 7, 9):
        version = Node.objects.get(name=f"f{number}").version
        assert version is not None
        assert reader.read_bytes(version.content) == files[number].data
    assert clean()
    settle()
    assert gc.run_gc().blobs == 1
    assert Blob.objects.get().size == 400
    assert clean()
    assert compact.run_compact().packs == 0
