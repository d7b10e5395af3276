"""Upload sessions."""

import base64
import hashlib
import uuid
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import AuditEvent, QuotaAccount, User
from tests.support.clients import Api, items, problem
from tests.support.people import make_member
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db


def opened(api: Api, **body: Any) -> str:
    response = api.post("/uploads", {"path": "/u/big.bin", **body})
    assert response.status_code == 201, response.content
    assert response["Location"] == f"/api/v1/uploads/{response.json()['id']}"
    return str(response.json()["id"])


def piece(api: Api, upload: str, offset: int, data: bytes, **headers: str) -> Any:
    return api.put(f"/uploads/{upload}/pieces/{offset}", data, Content_Type="application/octet-stream", **headers)


def test_pieces_in_any_order(api: Api, actor: Actor) -> None:
    upload = opened(api, length=12)
    assert piece(api, upload, 8, b"8901").json()["missing"] == [[0, 8]]
    assert problem(api.get("/metadata", path="/u/big.bin"))[0] == 404
    assert problem(api.post(f"/uploads/{upload}/finish", {})) == (409, "upload_incomplete")
    body = piece(api, upload, 0, b"0123").json()
    assert (body["offset"], body["received"], body["missing"]) == (4, [[0, 4], [8, 4]], [[4, 4]])
    body = piece(api, upload, 4, b"4567").json()
    assert (body["offset"], body["received"], body["missing"], body["received_bytes"]) == (12, [[0, 12]], [], 12)
    assert api.get(f"/uploads/{upload}").json() == body
    finished = api.post(
        f"/uploads/{upload}/finish", {"checksums": {"sha256": hashlib.sha256(b"012345678901").hexdigest()}}
    )
    assert finished.status_code == 200
    assert (finished.json()["path"], finished.json()["created"], finished.json()["size"]) == ("/u/big.bin", True, 12)
    assert bytes_at(actor, "/u/big.bin") == b"012345678901"
    again = api.post(f"/uploads/{upload}/finish", {})
    assert (again.json()["id"], again["ETag"]) == (finished.json()["id"], finished["ETag"])
    state = api.get(f"/uploads/{upload}").json()
    assert (state["finished_node_id"], state["missing"], state["offset"]) == (finished.json()["id"], [], 12)
    assert problem(piece(api, upload, 0, b"0")) == (409, "upload_finished")


def test_the_same_piece_again_is_no_error(api: Api) -> None:
    upload = opened(api, length=4)
    first = piece(api, upload, 0, b"ab")
    assert piece(api, upload, 0, b"ab").json()["received"] == first.json()["received"]
    assert problem(piece(api, upload, 1, b"bc")) == (409, "piece_overlaps")
    assert problem(piece(api, upload, 2, b"cde")) == (413, "too_large")
    assert problem(piece(api, upload, 5, b"x")) == (413, "too_large")


def test_a_length_that_is_not_known(api: Api, actor: Actor) -> None:
    upload = opened(api)
    piece(api, upload, 0, b"abc")
    assert problem(api.post(f"/uploads/{upload}/finish", {"length": 2})) == (400, "length_mismatch")
    assert problem(api.post(f"/uploads/{upload}/finish", {"length": 5})) == (409, "upload_incomplete")
    piece(api, upload, 3, b"de")
    assert api.post(f"/uploads/{upload}/finish", {"length": 5}).status_code == 200
    assert api.post(f"/uploads/{upload}/finish", {"length": 5}).status_code == 200
    assert bytes_at(actor, "/u/big.bin") == b"abcde"


def test_a_wrong_checksum_stores_nothing(api: Api, actor: Actor) -> None:
    upload = opened(api, length=4)
    digest = base64.b64encode(hashlib.sha256(b"abcd").digest()).decode()
    assert problem(piece(api, upload, 0, b"abcx", Content_Digest=f"sha-256=:{digest}:")) == (400, "checksum_mismatch")
    assert problem(piece(api, upload, 0, b"abcd", Content_Digest="sha-256=:!:")) == (400, "invalid_checksum")
    assert api.get(f"/uploads/{upload}").json()["received"] == []
    assert piece(api, upload, 0, b"abcd", Content_Digest=f"sha-256=:{digest}:").status_code == 200
    assert problem(api.post(f"/uploads/{upload}/finish", {"checksums": {"md5": "0" * 32}})) == (
        400,
        "checksum_mismatch",
    )
    assert problem(api.post(f"/uploads/{upload}/finish", {"checksums": {"md5": "x"}})) == (400, "invalid_checksum")
    assert problem(api.get("/metadata", path="/u/big.bin"))[0] == 404


def test_what_cannot_succeed_is_refused_at_once(api: Api, actor: Actor, user: User) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=1000)
    assert problem(api.post("/uploads", {"path": "/a", "length": 1001})) == (507, "quota_exceeded")
    put(actor, "a.txt")
    assert problem(api.post("/uploads", {"path": "/a.txt", "length": 1, "mode": "create"})) == (409, "name_taken")
    assert problem(api.post("/uploads", {"path": "/a.txt/b", "length": 1})) == (409, "not_a_folder")
    body = {"path": "/a.txt", "length": 1, "mode": "update", "base_version": "99"}
    assert problem(api.post("/uploads", body)) == (409, "version_conflict")
    assert problem(api.post("/uploads", {"path": "/..", "length": 1})) == (400, "invalid_name")
    assert items(api.get("/uploads")) == []


@pytest.mark.parametrize(
    "body",
    [
        {"length": 1},
        {"path": "/a", "length": -1},
        {"path": "/a", "length": "many"},
        {"path": "/a", "length": 2**63},
        {"path": "/a", "length": 1.5},
        {"path": "/a", "mode": "append"},
        {"path": "/a", "mode": "update"},
        {"path": "/a", "base_version": "1"},
        {"path": "/a", "modified_at": "then"},
        {"path": "/a", "checksums": []},
        {"path": "/a", "checksums": {"sha256": 7}},
        {"path": "/a", "checksums": {str(i): "0" for i in range(100)}},
    ],
)
def test_wrong_bodies(api: Api, body: dict[str, Any]) -> None:
    assert problem(api.post("/uploads", body)) == (400, "invalid_request")


def test_too_large(api: Api, settings: Any) -> None:
    settings.MAX_UPLOAD_SIZE = 100
    assert problem(api.post("/uploads", {"path": "/a", "length": 101})) == (413, "too_large")
    upload = opened(api)
    assert problem(piece(api, upload, 99, b"ab")) == (413, "too_large")
    assert problem(piece(api, upload, 10**25, b"ab"))[0] in (404, 413)


def test_list_and_abort(api: Api, user: User) -> None:
    first, second = opened(api, length=10), opened(api, path="/u/2.bin", length=20)
    piece(api, second, 0, b"xy")
    listed = items(api.get("/uploads"))
    assert [(row["id"], row["received_bytes"]) for row in listed] == [(second, 2), (first, 0)]
    page = api.get("/uploads", limit=1).json()
    assert items(api.get("/uploads", limit=1, cursor=page["next_cursor"])) == listed[1:]
    assert QuotaAccount.objects.get(user=user).uploads_bytes == 30
    assert api.delete(f"/uploads/{first}").status_code == 204
    assert problem(api.delete(f"/uploads/{first}")) == (404, "upload_not_found")
    assert QuotaAccount.objects.get(user=user).uploads_bytes == 20


def test_unknown_uploads(api: Api) -> None:
    unknown = uuid.uuid4()
    assert problem(api.get(f"/uploads/{unknown}")) == (404, "upload_not_found")
    assert problem(piece(api, str(unknown), 0, b"x")) == (404, "upload_not_found")
    assert problem(api.get("/uploads/nonsense")) == (404, "not_found")


def test_below_a_folder_that_moves(api: Api, actor: Actor) -> None:
    folder = api.post("/folders", {"path": "/a"}).json()["id"]
    response = api.post("/uploads", {"parent_id": folder, "name": "x.bin", "length": 1})
    upload = response.json()["id"]
    api.post("/move", {"from_path": "/a", "to_path": "/b"})
    piece(api, upload, 0, b"x")
    assert api.post(f"/uploads/{upload}/finish").json()["path"] == "/b/x.bin"


def test_reservations_are_seen_and_ended_by_who_manages_the_team(api: Api, user: User) -> None:
    member = make_member(user)
    other = Api(member)
    mine = api.post("/uploads", {"path": "/mine", "length": 10}).json()["id"]
    theirs = other.post("/uploads", {"path": "/theirs", "length": 10}).json()["id"]
    assert [item["path"] for item in other.get("/reservations").json()["items"]] == ["/theirs"]
    assert problem(other.get("/reservations", team="true")) == (403, "forbidden")
    items = {item["id"]: item for item in api.get("/reservations", team="true").json()["items"]}
    assert {pk: (item["reserved_bytes"], item["path"]) for pk, item in items.items()} == {
        mine: (10, "/mine"),
        theirs: (10, None),
    }
    assert items[theirs]["email"] == member.email
    assert problem(other.delete(f"/reservations/{mine}")) == (404, "upload_not_found")
    assert api.delete(f"/reservations/{theirs}").status_code == 204
    assert api.delete(f"/reservations/{mine}").status_code == 204
    assert api.get("/reservations", team="true").json()["items"] == []
    (event,) = AuditEvent.objects.filter(kind="upload.abort")
    assert (event.actor_id, event.detail["user"], event.detail["bytes"]) == (user.pk, member.pk, 10)
