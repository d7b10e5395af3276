"""files.actions.concatenate_uploads: complete parts become one upload; rows move, no byte does."""

import uuid
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files import errors
from files.actions import concatenate_uploads as module
from files.actions.concatenate_uploads import concatenate_uploads
from files.actions.finish_upload import finish_upload
from files.actions.spaces import create_team_space
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Blob, Upload
from files.queries.target import Target
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, journal_of, ledger


def whole(actor: Actor) -> Upload:
    return open_upload(actor, wanted=UploadOptions(Target("whole")))


def part(actor: Actor, data: bytes, length: int | None = -1, **target: Any) -> Upload:
    length = len(data) if length == -1 else length
    upload = open_upload(actor, wanted=UploadOptions(Target(**target), length=length, is_partial=True))
    if data:
        write_piece(actor, upload_id=upload.pk, chunks=[data], piece=PieceOptions(0))
    return upload


def join(actor: Actor, into: Upload, *parts: Upload) -> Upload:
    return concatenate_uploads(actor, upload_id=into.pk, part_ids=[one.pk for one in parts], protocol="api")


def test_in_the_order_that_is_said(user: User, actor: Actor) -> None:
    parts = [part(actor, b"world"), part(actor, b""), part(actor, b"hello ")]
    target, blobs = whole(actor), Blob.objects.count()
    assert join(actor, target, parts[2], parts[1], parts[0]).length == 11
    assert ledger(user) == Charge(uploads=11)
    assert list(Upload.objects.values_list("pk", flat=True)) == [target.pk]
    finish_upload(actor, upload_id=target.pk)
    assert bytes_at(actor, "whole") == b"hello world"
    assert Blob.objects.count() == blobs
    assert ledger(user) == Charge(live=11)


def test_all_or_nothing(user: User, actor: Actor) -> None:
    complete, target = part(actor, b"abc"), whole(actor)
    short, unknown = part(actor, b"ab", length=3), part(actor, b"ab", length=None)
    elsewhere = part(actor, b"x", space_id=create_team_space(actor, name="team").pk)
    foreign = part(actor_of(make_user()), b"x")
    for other, error in (
        (short, errors.UploadIncomplete),
        (unknown, errors.UploadIncomplete),
        (elsewhere, errors.InvalidRequest),
        (whole(actor), errors.InvalidRequest),
        (foreign, errors.UploadNotFound),
        (Upload(pk=uuid.uuid4()), errors.UploadNotFound),
        (complete, errors.InvalidRequest),
    ):
        with pytest.raises(error):
            join(actor, target, complete, other)
    with pytest.raises(errors.InvalidRequest):
        join(actor, target)
    assert not target.pieces.exists()
    assert ledger(user) == Charge(uploads=3 + 3 + 2)
    assert journal_of(actor) == []


def test_how_many_parts(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_PARTS", 2)
    parts = [part(actor, b"x") for _ in range(3)]
    with pytest.raises(errors.TooMany):
        join(actor, whole(actor), *parts)
    assert join(actor, whole(actor), *parts[:2]).length == 2
