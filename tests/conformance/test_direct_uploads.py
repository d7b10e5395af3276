"""Uploads and downloads past us, on real S3 servers: the client talks to the object store itself."""

import base64
import hashlib
import os
from collections.abc import Callable
from typing import Any

import pytest
import requests

from accounts.models import User
from common.content_hash import BLOCK_SIZE, hash_bytes
from files.actions.pools import add_pool, change_pool
from files.errors import InvalidRequest
from files.models import Blob, Pool, Upload, UploadPiece
from storage import Storage
from tests.conformance.conftest import FULL_S3_BACKENDS, S3_BACKENDS, in_their_group
from tests.support.clients import Api, ContentClient, body_of, problem
from tests.support.people import SYSTEM, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage")]
DATA = os.urandom(2 * BLOCK_SIZE + 1234)


@pytest.fixture(params=in_their_group(FULL_S3_BACKENDS))
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def storage(open_place: Callable[[], tuple[str, Storage]], db: None) -> Storage:
    """That of the only pool."""
    url, storage = open_place()
    Pool.objects.update_or_create(
        name="default", defaults={"url": url, "direct_uploads": True, "redirect_downloads": True}
    )
    return storage


def block(number: int, data: bytes = DATA) -> dict[str, Any]:
    part = data[number * BLOCK_SIZE : (number + 1) * BLOCK_SIZE]
    return {"offset": number * BLOCK_SIZE, "length": len(part), "sha256": hashlib.sha256(part).hexdigest()}


def begin(api: Api, length: int = len(DATA)) -> str:
    answer = api.post("/uploads", {"path": "/direct.bin", "length": length})
    assert answer.status_code == 201, answer.content
    return f"/uploads/{answer.json()['id']}"


def permits(api: Api, upload: str, *numbers: int) -> list[dict[str, Any]]:
    answer = api.post(f"{upload}/direct", {"pieces": [block(number) for number in numbers]})
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def send(permit: dict[str, Any], data: bytes = DATA) -> int:
    part = data[permit["offset"] : permit["offset"] + permit["length"]]
    answer = requests.request(permit["method"], permit["url"], data=part, headers=permit["headers"], timeout=30)
    return answer.status_code


def test_from_beginning_to_end(api: Api, user: User, storage: Storage) -> None:
    upload = begin(api)
    given = permits(api, upload, 2, 0, 1)
    assert {send(permit) for permit in given} <= {200, 201}
    progress = api.post(f"{upload}/direct/complete", {"tokens": [permit["token"] for permit in given]})
    assert (progress.status_code, progress.json()["missing"]) == (200, [])
    again = api.post(f"{upload}/direct/complete", {"tokens": [given[0]["token"]]})
    assert again.json()["received_bytes"] == len(DATA)
    done = api.post(f"{upload}/finish")
    assert done.json()["content_hash"] == hash_bytes(DATA)
    assert Blob.objects.count() == 3
    assert body_of(ContentClient(user).get("direct.bin")) == DATA


def test_the_store_refuses_other_bytes(api: Api, storage: Storage) -> None:
    upload = begin(api)
    (permit,) = permits(api, upload, 0)
    assert send(permit, b"x" * BLOCK_SIZE) == 400
    answer = api.post(f"{upload}/direct/complete", {"tokens": [permit["token"]]})
    assert problem(answer) == (409, "upload_incomplete")
    assert answer.json()["missing"] == [[0, BLOCK_SIZE]]
    assert not UploadPiece.objects.exists()


def test_a_store_that_lies_is_found_out(api: Api, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are looked at again, whatever the server has promised."""
    upload = begin(api)
    (permit,) = permits(api, upload, 2)
    assert send(permit) in (200, 201)
    monkeypatch.setattr(type(storage), "checksum", lambda self, key: hashlib.sha256(b"other").digest())
    answer = api.post(f"{upload}/direct/complete", {"tokens": [permit["token"]]})
    assert problem(answer) == (400, "checksum_mismatch")
    monkeypatch.setattr(type(storage), "checksum", lambda self, key: None)
    assert api.post(f"{upload}/direct/complete", {"tokens": [permit["token"]]}).status_code == 200


@pytest.mark.parametrize(
    "piece",
    [
        {"offset": 1, "length": BLOCK_SIZE},
        {"offset": 0, "length": BLOCK_SIZE - 1},
        {"offset": 0, "length": 2 * BLOCK_SIZE},
        {"offset": 2 * BLOCK_SIZE, "length": BLOCK_SIZE},
        {"offset": 3 * BLOCK_SIZE, "length": 1},
        {"sha256": "00"},
    ],
)
def test_only_whole_blocks(api: Api, piece: dict[str, Any]) -> None:
    upload = begin(api)
    answer = api.post(f"{upload}/direct", {"pieces": [{**block(0), **piece}]})
    assert problem(answer) == (400, "invalid_request")


def test_tokens_are_of_one_upload_and_person(api: Api) -> None:
    upload, other = begin(api), begin(api, 5)
    (permit,) = permits(api, upload, 0)
    tokens = {"tokens": [permit["token"]]}
    assert problem(api.post(f"{other}/direct/complete", tokens))[0] == 400
    assert problem(api.post(f"{upload}/direct/complete", {"tokens": [permit["token"] + "x"]}))[0] == 400
    eve = Api(make_user("eve@example.com"))
    assert problem(eve.post(f"{upload}/direct/complete", tokens))[0] == 404
    assert problem(eve.post(f"{upload}/direct", {"pieces": [block(0)]}))[0] == 404


def test_pieces_of_both_ways_go_together(api: Api, user: User) -> None:
    upload = begin(api)
    (permit, repeated) = permits(api, upload, 1, 1)
    assert send(permit) in (200, 201)
    assert send(repeated) in (200, 201)
    assert api.post(f"{upload}/direct/complete", {"tokens": [permit["token"]]}).status_code == 200
    assert api.post(f"{upload}/direct/complete", {"tokens": [repeated["token"]]}).status_code == 200
    assert Blob.objects.count() == 1
    for number in (0, 2):
        part = DATA[number * BLOCK_SIZE : (number + 1) * BLOCK_SIZE]
        answer = ContentClient(user).put(f"/api/v1{upload}/pieces/{number * BLOCK_SIZE}", part)
        assert answer.status_code == 200, answer.content
    assert api.post(f"{upload}/finish").json()["content_hash"] == hash_bytes(DATA)


def test_where_the_pool_does_not_want_it(api: Api) -> None:
    upload = begin(api)
    Pool.objects.update(direct_uploads=False)
    answer = api.post(f"{upload}/direct", {"pieces": [block(0)]})
    assert problem(answer) == (409, "direct_upload_unavailable")


def test_finished_uploads_take_nothing(api: Api) -> None:
    upload = begin(api, 0)
    api.post(f"{upload}/finish")
    assert problem(api.post(f"{upload}/direct", {"pieces": [block(0)]})) == (409, "upload_finished")
    assert Upload.objects.get().finished_at is not None


def test_downloads_are_redirected(user: User, storage: Storage) -> None:
    client = ContentClient(user)
    etag = client.put("ü %.txt", DATA).json()["etag"]
    got = client.get("ü %.txt")
    assert got.status_code == 302
    assert got.headers["Cache-Control"] == "private, no-store"
    found = requests.get(got.headers["Location"], timeout=30)
    assert found.content == DATA
    assert found.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "%C3%BC%20%25.txt" in found.headers["Content-Disposition"]
    assert client.get("ü %.txt", if_none_match=etag).status_code == 304
    assert client.get("ü %.txt", if_match='"x"').status_code == 412
    assert client.head("ü %.txt").status_code == 200
    # A condition that the store could not judge, and what is to be shown in our own page, come through us.
    part = client.get("ü %.txt", range="bytes=1-5", if_range=etag)
    assert (part.status_code, body_of(part)) == (206, DATA[1:6])
    shown = client.get("ü %.txt?inline=1")
    assert (shown.status_code, body_of(shown)) == (200, DATA)
    Pool.objects.update(redirect_downloads=False)
    assert body_of(client.get("ü %.txt")) == DATA


def test_a_checksum_is_verified_on_the_way_to_the_store(user: User, storage: Storage) -> None:
    client = ContentClient(user)
    wrong = base64.b64encode(bytes(32)).decode()
    assert client.put("a.bin", DATA, content_digest=f"sha-256=:{wrong}:").status_code == 400
    assert not list(storage.list())


@pytest.mark.long
@pytest.mark.skipif("swift" not in S3_BACKENDS, reason="Swift is not there: see test_backends.py")
@pytest.mark.parametrize("backend", ["swift"], indirect=True)
def test_a_store_that_takes_wrong_checksums_takes_none_from_clients(
    open_place: Callable[[], tuple[str, Storage]],
) -> None:
    pool = add_pool(SYSTEM, name="swift", url=open_place()[0])
    with pytest.raises(InvalidRequest, match="checksum_enforced"):
        change_pool(SYSTEM, pool_id=pool.pk, state="active", region="", redirect_downloads=True, direct_uploads=True)
    change_pool(SYSTEM, pool_id=pool.pk, state="active", region="", redirect_downloads=True, direct_uploads=False)
