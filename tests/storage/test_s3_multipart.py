"""How a stream is cut into parts, and that no part outlives an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock

import pytest

from storage import Capabilities, StorageError
from storage.parts import MIB, PART, gather, part_size
from storage.s3 import S3Storage

GIB = 1 << 30
TIB = 1 << 40
MAXIMUM_PARTS = 10_000


@pytest.mark.parametrize("size", [0, 1, PART, 78 * GIB, 80_000 * MIB, 80_000 * MIB + 1, TIB, 5 * TIB])
def test_a_known_size_fits_into_the_parts_of_s3(size: int) -> None:
    part = part_size(1, size)
    assert 8 * MIB <= part <= 5 * GIB
    assert part * MAXIMUM_PARTS >= size
    assert {part_size(number, size) for number in (2, 500, MAXIMUM_PARTS)} == {part}
    if size <= 78 * GIB:
        assert part == PART


def test_an_unknown_size_may_become_five_tebibytes() -> None:
    sizes = [part_size(number, None) for number in range(1, MAXIMUM_PARTS + 1)]
    assert sizes[:1000] == [PART] * 1000
    assert sizes == sorted(sizes)
    assert max(sizes) <= 5 * GIB
    assert sum(sizes) >= 5 * TIB


def test_parts_are_full_and_the_last_one_is_marked() -> None:
    content = bytes(range(256)) * (70_000)
    for step in (1 << 16, 999_983, len(content)):
        parts = list(gather((content[at : at + step] for at in range(0, len(content), step)), None, "key"))
        assert b"".join(part for part, _ in parts) == content
        assert [len(part) for part, _ in parts] == [PART, PART, len(content) - 2 * PART]
        assert [last for _, last in parts] == [False, False, True]


def test_a_stream_of_exactly_one_part_is_one_part() -> None:
    assert [(len(part), last) for part, last in gather([bytes(PART)], None, "key")] == [(PART, True)]
    assert list(gather([], None, "key")) == [(bytearray(), True)]


def _storage() -> tuple[S3Storage, MagicMock]:
    client = MagicMock()
    client.create_multipart_upload.return_value = {"UploadId": "upload"}
    storage = S3Storage(client, client, client, bucket="bucket")
    storage.remember(Capabilities(conditional_put=True))
    return storage, client


def test_memory_is_bounded_whatever_the_length() -> None:
    """No more parts are read ahead than are allowed to be under way."""
    storage, client = _storage()
    uploaded, ahead = 0, []

    def upload_part(**_: object) -> dict[str, str]:
        nonlocal uploaded
        uploaded += 1
        return {"ETag": "x"}

    client.upload_part.side_effect = upload_part

    def chunks():  # type: ignore[no-untyped-def]
        for number in range(200):
            ahead.append(number * MIB - uploaded * PART)
            yield bytes(MIB)

    assert storage.put("ab/cd/x", chunks()) == 200 * MIB
    assert max(ahead) <= 6 * PART
    assert client.upload_part.call_count == 25
    parts = client.complete_multipart_upload.call_args.kwargs["MultipartUpload"]["Parts"]
    assert [part["PartNumber"] for part in parts] == list(range(1, 26))


def test_a_part_that_fails_ends_the_upload() -> None:
    from botocore.exceptions import EndpointConnectionError

    storage, client = _storage()
    client.upload_part.side_effect = EndpointConnectionError(endpoint_url="http://storage")
    with pytest.raises(StorageError) as caught:
        storage.put("ab/cd/x", (bytes(MIB) for _ in range(100)))
    assert caught.value.code == "unavailable"
    client.abort_multipart_upload.assert_called_once_with(Bucket="bucket", Key="ab/cd/x", UploadId="upload")
    client.complete_multipart_upload.assert_not_called()
    assert client.upload_part.call_count <= 10


@pytest.mark.parametrize(("part_hours_ago", "swept"), [(1, 0), (30, 1), (None, 1)])
def test_a_slow_upload_is_not_an_abandoned_one(part_hours_ago: int | None, swept: int) -> None:
    """It began long ago, but what counts is its last part."""
    storage, client = _storage()
    now = datetime.now(UTC)
    upload = {"Key": "ab/cd/x", "UploadId": "u", "Initiated": now - timedelta(hours=40)}
    parts = [] if part_hours_ago is None else [{"LastModified": now - timedelta(hours=part_hours_ago)}]
    pages = {"list_multipart_uploads": [{"Uploads": [upload]}], "list_parts": [{"Parts": parts}, {}]}
    client.get_paginator.side_effect = lambda name: MagicMock(paginate=lambda **_: iter(pages[name]))
    assert len(list(storage.abandoned(now - timedelta(hours=24)))) == swept
    assert storage.sweep_abandoned(now - timedelta(hours=24)) == swept
    assert client.abort_multipart_upload.call_count == swept


def test_uploads_of_others_in_the_bucket_are_left_alone() -> None:
    client = MagicMock()
    storage = S3Storage(client, client, client, bucket="bucket", location="ours/")
    old = datetime.now(UTC) - timedelta(days=9)
    uploads = [
        {"Key": key, "UploadId": "u", "Initiated": old}
        for key in ("ab/cd/x", "theirs/ab/cd/x", "ours/backup.tar", "ours/ab/cd/x")
    ]
    pages = {"list_multipart_uploads": [{"Uploads": uploads}], "list_parts": [{}]}
    client.get_paginator.side_effect = lambda name: MagicMock(paginate=lambda **_: iter(pages[name]))
    assert list(storage.abandoned(datetime.now(UTC))) == ["ab/cd/x#u"]
