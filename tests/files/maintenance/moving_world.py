"""A little of everything for tests of moving blobs, and the check that it is all there."""

import os
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.finish_upload import finish_upload
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs import reader
from files.blobs.pools import storage_of
from files.maintenance import moving
from files.maintenance.fsck import run_fsck
from files.maintenance.gc import run_gc
from files.models import BlobCopy, Pool
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.writing import WriteOptions
from tests.support.people import actor_of, make_user
from tests.support.trees import put

NOTHING = timedelta(0)


def objects(pool: Pool) -> list[str]:
    return [info.key for info in storage_of(pool).list()]


def world() -> dict[str, bytes]:
    """Files of every kind: alone, packed, empty, of pieces, twice the same."""
    actor = actor_of(make_user("ada@example.com"))
    files = {f"bulk/{number}": os.urandom(100 + number) for number in range(20)}
    bulk = [SmallFile(path, data, WriteOptions()) for path, data in files.items()]
    bulk_write(actor, folder=Target(""), files=bulk)
    files |= {"large": os.urandom(3_000_000), "empty": b"", "small": b"small", "same": b"small"}
    for path in ("large", "empty", "small", "same"):
        put(actor, path, files[path])
    upload = open_upload(actor, wanted=UploadOptions(Target("pieces"), length=30))
    for offset in (10, 0, 20):
        write_piece(actor, upload_id=upload.pk, chunks=[b"%010d" % offset], piece=PieceOptions(offset))
    finish_upload(actor, upload_id=upload.pk)
    return {**files, "pieces": b"%010d%010d%010d" % (0, 10, 20)}


def check(files: dict[str, bytes]) -> None:
    actor = actor_of(User.objects.get(email="ada@example.com"))
    for path, data in files.items():
        version = locate_path(actor, path).node.version
        assert version is not None
        assert reader.read_bytes(version.content) == data, path
    report = run_fsck(hashes=True, grace=NOTHING)
    assert report.clean, report.summary()


def age_left() -> None:
    BlobCopy.objects.update(at=timezone.now() - timedelta(days=1))


def settle() -> None:
    """Everything that waits for its time to be over."""
    age_left()
    moving.run_move()
    run_gc(grace=-timedelta(seconds=1))
