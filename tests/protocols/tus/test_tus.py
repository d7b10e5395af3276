"""tus 1.0 and its extensions, header by header."""

import base64
import hashlib
from typing import Any

import pytest

from accounts.models import User
from accounts.quotas import Charge
from common.content_hash import hash_bytes
from files.models import Node, Upload, UploadPiece
from files.queries.tree import locate_path
from protocols.tus import errors
from tests.support.clients import PIECE, Tus, metadata
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, ledger, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def tus(user: User) -> Tus:
    return Tus(user)


def test_options_need_no_account_and_tell_everything() -> None:
    answer = Tus(None).send("OPTIONS", tus_resumable=None)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "termination",
        "checksum",
        "expiration",
        "concatenation",
    }
    assert int(answer.headers["Tus-Max-Size"]) > 10**9
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,md5,sha256"


@pytest.mark.parametrize("version", ["0.2.2", None, "1.0.0, 1.0.0"])
def test_another_version_is_refused(tus: Tus, version: str | None) -> None:
    answer = tus.create(3, tus_resumable=version)
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    assert not Upload.objects.exists()


def test_an_upload_from_beginning_to_end(user: User, tus: Tus) -> None:
    meta = metadata(filename="sea.jpg", filetype="image/jpeg", lastModified="1700000000123")
    created = tus.create(10, meta=meta)
    assert (created.status_code, created.headers["Upload-Offset"]) == (201, "0")
    assert created.headers["Tus-Resumable"] == "1.0.0"
    assert created.headers["Upload-Expires"].endswith("GMT")
    url = created.headers["Location"]
    assert ledger(user) == Charge(uploads=10)
    head = tus.head(url)
    assert (head.status_code, head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (200, "0", "10")
    assert head.headers["Cache-Control"] == "no-store"
    assert head.headers["Upload-Metadata"] == meta
    first = tus.patch(url, 0, b"01234")
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "5")
    assert not Node.objects.filter(name="sea.jpg").exists()
    last = tus.patch(url, 5, b"56789")
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "10")
    node = locate_path(actor_of(user), "sea.jpg").node
    assert (last.headers["X-Node-Id"], last.headers["X-Version-Id"]) == (str(node.pk), str(node.version_id))
    assert node.modified_at.isoformat() == "2023-11-14T22:13:20.123000+00:00"
    assert bytes_at(actor_of(user), "sea.jpg") == b"0123456789"
    assert ledger(user) == Charge(live=10)
    again = tus.head(url)
    assert (again.headers["Upload-Offset"], again.headers["X-Node-Id"]) == ("10", str(node.pk))


def test_length_zero_is_complete_at_creation(user: User, tus: Tus) -> None:
    created = tus.create(0)
    assert (created.status_code, created.headers["Upload-Offset"]) == (201, "0")
    assert bytes_at(actor_of(user), "a.bin") == b""
    assert created.headers["X-Node-Id"]


def test_creation_with_upload(user: User, tus: Tus) -> None:
    part = tus.create(10, b"0123")
    assert (part.status_code, part.headers["Upload-Offset"]) == (201, "4")
    assert tus.patch(part.headers["Location"], 4, b"456789").headers["X-Node-Id"]
    whole = tus.create(3, b"abc", meta=metadata(filename="b.bin"))
    assert (whole.status_code, whole.headers["Upload-Offset"]) == (201, "3")
    assert bytes_at(actor_of(user), "b.bin") == b"abc"
    too_long = tus.create(3, b"abcd", meta=metadata(filename="c.bin"))
    assert too_long.status_code == 413
    assert ledger(user) == Charge(live=13)


def test_deferred_length(user: User, tus: Tus) -> None:
    created = tus.create(None, upload_defer_length="1")
    url = created.headers["Location"]
    assert tus.head(url).headers["Upload-Defer-Length"] == "1"
    assert tus.patch(url, 0, b"01234").headers["Upload-Offset"] == "5"
    assert ledger(user) == Charge(uploads=5)
    assert tus.patch(url, 5, b"5", upload_length="3").status_code == 400
    last = tus.patch(url, 5, b"56789", upload_length="10")
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "10")
    assert bytes_at(actor_of(user), "a.bin") == b"0123456789"
    assert ledger(user) == Charge(live=10)


def test_the_length_is_said_once(tus: Tus) -> None:
    url = tus.create(None, upload_defer_length="1").headers["Location"]
    assert tus.patch(url, 0, b"", upload_length="10").status_code == 204
    assert tus.patch(url, 0, b"", upload_length="11").status_code == 400
    assert tus.head(url).headers["Upload-Length"] == "10"


def test_what_a_creation_must_say(tus: Tus) -> None:
    cases: list[tuple[dict[str, str], int]] = [
        ({}, 400),
        ({"upload_length": "5", "upload_defer_length": "1"}, 400),
        ({"upload_defer_length": "2"}, 400),
        ({"upload_length": "-1"}, 400),
        ({"upload_length": "5.0"}, 400),
        ({"upload_length": "9" * 18}, 413),
        ({"upload_length": "9" * 40}, 400),
    ]
    for headers, status in cases:
        assert tus.create(None, **headers).status_code == status, headers
    for meta in ("a", "a b c", "a !", "a YQ==,a YQ==", ",", "a /w=="):
        expected = 201 if meta == "a" else 400
        assert tus.create(5, meta=meta).status_code == expected, meta


def test_offsets(user: User, tus: Tus) -> None:
    url = tus.create(10, b"0123").headers["Location"]
    for offset in (0, 3, 5, 10):
        answer = tus.patch(url, offset, b"x")
        assert (answer.status_code, answer.json()["code"]) == (409, "offset_conflict")
    assert tus.patch(url, 4, b"45678910").status_code == 413
    assert tus.send("PATCH", url, b"x", content_type=PIECE).status_code == 400
    assert tus.send("PATCH", url, b"x", content_type=PIECE, upload_offset="-1").status_code == 400
    assert tus.patch(url, 4, b"").headers["Upload-Offset"] == "4"
    assert tus.patch(url, 4, b"x", content_type="text/plain").status_code == 415
    assert tus.patch(url, 4, b"456789").status_code == 204
    assert bytes_at(actor_of(user), "a.bin") == b"0123456789"
    assert tus.patch(url, 10, b"more").status_code == 403


def test_beyond_the_length_nothing_is_kept(user: User, tus: Tus) -> None:
    url = tus.create(5).headers["Location"]
    assert tus.patch(url, 0, b"0123456789").status_code == 413
    assert tus.head(url).headers["Upload-Offset"] == "0"
    assert not UploadPiece.objects.exists()


def checksum(algorithm: str, data: bytes) -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


@pytest.mark.parametrize("algorithm", ["sha1", "md5", "sha256"])
def test_checksums(user: User, tus: Tus, algorithm: str) -> None:
    url = tus.create(4).headers["Location"]
    wrong = tus.patch(url, 0, b"0123", upload_checksum=checksum(algorithm, b"0124"))
    assert (wrong.status_code, wrong.json()["status"], wrong.json()["code"]) == (460, 460, "checksum_mismatch")
    assert tus.head(url).headers["Upload-Offset"] == "0"
    assert tus.patch(url, 0, b"0123", upload_checksum=checksum(algorithm, b"0123")).status_code == 204
    assert bytes_at(actor_of(user), "a.bin") == b"0123"
    at_creation = tus.create(4, b"0123", meta="filename Yg==", upload_checksum=checksum(algorithm, b"0124"))
    assert at_creation.status_code == 460
    assert ledger(user) == Charge(live=4)


@pytest.mark.parametrize("header", ["sha3 AAAA", "sha1 !", "sha1", "sha1 AAAA", ""])
def test_unknown_and_malformed_checksums(tus: Tus, header: str) -> None:
    url = tus.create(4).headers["Location"]
    assert tus.patch(url, 0, b"0123", upload_checksum=header).status_code == 400


def test_termination(user: User, tus: Tus) -> None:
    url = tus.create(10, b"0123").headers["Location"]
    assert tus.send("DELETE", url).status_code == 204
    assert ledger(user) == Charge()
    for method in ("HEAD", "DELETE"):
        assert tus.send(method, url).status_code == 404
    assert tus.patch(url, 4, b"4").status_code == 404


def test_terminating_a_finished_upload_leaves_the_file(user: User, tus: Tus) -> None:
    url = tus.create(3, b"abc").headers["Location"]
    assert tus.send("DELETE", url).status_code == 204
    assert bytes_at(actor_of(user), "a.bin") == b"abc"


def test_method_override(user: User, tus: Tus) -> None:
    url = tus.create(3).headers["Location"]
    answer = tus.send("POST", url, b"abc", content_type=PIECE, upload_offset="0", x_http_method_override="PATCH")
    assert answer.status_code == 204
    assert bytes_at(actor_of(user), "a.bin") == b"abc"
    assert tus.send("POST", url, x_http_method_override="DELETE").status_code == 204
    assert tus.send("POST", url).status_code == 405
    assert tus.send("GET", "/tus/").status_code == 405


def partial(tus: Tus, data: bytes) -> str:
    answer = tus.create(len(data), data, meta="", upload_concat="partial")
    assert answer.status_code == 201
    assert "X-Node-Id" not in answer.headers
    url: str = answer.headers["Location"]
    return url


def test_concatenation(user: User, tus: Tus) -> None:
    block = bytes(range(256)) * (4096 * 4)  # exactly one block of the content hash
    parts = [block + block[:10], b"middle", block]
    urls = [partial(tus, data) for data in parts]
    assert tus.head(urls[0]).headers["Upload-Concat"] == "partial"
    assert ledger(user) == Charge(uploads=sum(map(len, parts)))
    header = f"final;http://testserver{urls[0]} {urls[1]} {urls[2]}"
    final = tus.create(None, upload_concat=header)
    assert final.status_code == 201
    whole = b"".join(parts)
    assert bytes_at(actor_of(user), "a.bin") == whole
    node = locate_path(actor_of(user), "a.bin").node
    assert node.version is not None
    assert node.version.content.content_hash == hash_bytes(whole)
    assert ledger(user) == Charge(live=len(whole))
    head = tus.head(final.headers["Location"])
    assert head.headers["Upload-Concat"] == header
    assert (head.headers["Upload-Length"], head.headers["Upload-Offset"]) == (str(len(whole)), str(len(whole)))
    assert tus.patch(final.headers["Location"], 0, b"x").status_code == 403
    assert tus.head(urls[0]).status_code == 404


def test_concatenation_with_a_full_quota() -> None:
    user = make_user("small@example.com", quota_bytes=100)
    tus = Tus(user)
    urls = [partial(tus, b"x" * 50), partial(tus, b"y" * 50)]
    assert tus.create(None, upload_concat=f"final;{urls[0]} {urls[1]}").status_code == 201
    assert ledger(user) == Charge(live=100)


def test_what_cannot_be_concatenated(user: User, tus: Tus) -> None:
    whole, unfinished = tus.create(5).headers["Location"], partial_url(tus, 10)
    done = partial(tus, b"abc")
    stranger = partial(Tus(make_user("eve@example.com")), b"abc")
    for urls, status in [
        (whole, 400),
        (unfinished, 422),
        (f"{done} {done}", 400),
        (stranger, 404),
        (f"{done} {stranger}", 404),
        ("/tus/nonsense", 400),
        ("/elsewhere/" + done.rpartition("/")[2], 400),
        ("", 400),
    ]:
        assert tus.create(None, upload_concat=f"final;{urls}").status_code == status, urls
    assert tus.create(None, upload_concat=f"final;{done}", upload_length="3").status_code == 400
    assert tus.create(3, upload_concat="whole").status_code == 400
    assert tus.head(done).headers["Upload-Offset"] == "3"
    assert ledger(user) == Charge(uploads=5 + 10 + 3)


def partial_url(tus: Tus, length: int) -> str:
    url: str = tus.create(length, meta="", upload_concat="partial").headers["Location"]
    return url


def test_where_it_goes(user: User, tus: Tus) -> None:
    folder = put(actor_of(user), "Photos/x").place.node.parent_id
    for meta, path in [
        (metadata(filename="a.txt", parent=str(folder)), "/Photos/a.txt"),
        (metadata(filename="b.txt", relativePath="2026/sea/b.txt", parent=str(folder)), "/Photos/2026/sea/b.txt"),
        (metadata(filename="c.txt", relativePath="2026/"), "/2026/c.txt"),
        (metadata(filename="d.txt", relativePath="null"), "/d.txt"),
        (metadata(filename="ü %#?.txt"), "/ü %#?.txt"),
    ]:
        assert tus.create(2, b"ok", meta=meta).status_code == 201, path
        assert bytes_at(actor_of(user), path) == b"ok"
    nameless = tus.create(2, b"ok", meta="")
    assert Node.objects.get(pk=nameless.headers["X-Node-Id"]).name.startswith("upload ")


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ({"filename": ".."}, 400),
        ({"filename": "a/b"}, 400),
        ({"filename": "a\0b"}, 400),
        ({"filename": "x" * 256}, 400),
        ({"filename": "a", "relativePath": "../../etc/passwd"}, 400),
        ({"filename": "a", "parent": "99999"}, 404),
        ({"filename": "a", "parent": "x"}, 400),
        ({"filename": "a", "space": "99999"}, 404),
        ({"filename": "a", "mode": "append"}, 400),
        ({"filename": "a", "mode": "update"}, 400),
        ({"filename": "a", "lastModified": "yesterday"}, 400),
        ({"filename": "a", "content_hash": "zz"}, 400),
    ],
)
def test_metadata_that_is_refused_at_once(tus: Tus, meta: dict[str, str], status: int) -> None:
    answer = tus.create(5, meta=metadata(**meta))
    assert answer.status_code == status
    assert "Location" not in answer.headers
    assert not Upload.objects.exists()


def test_names_that_are_taken(user: User, tus: Tus) -> None:
    put(actor_of(user), "a.bin", b"old")
    silent = tus.create(3, b"new")
    assert Node.objects.get(pk=silent.headers["X-Node-Id"]).name == "a (2).bin"
    refused = tus.create(3, meta=metadata(filename="a.bin", mode="create"))
    assert (refused.status_code, refused.json()["code"]) == (422, "name_taken")
    tus.create(3, b"new", meta=metadata(filename="a.bin", mode="overwrite"))
    assert bytes_at(actor_of(user), "a.bin") == b"new"


def test_a_refused_finish_leaves_the_upload(user: User, tus: Tus) -> None:
    created = tus.create(3, meta=metadata(filename="a.bin", mode="create"))
    url = created.headers["Location"]
    taken = put(actor_of(user), "a.bin", b"first")
    refused = tus.patch(url, 0, b"abc")
    assert (refused.status_code, refused.json()["code"]) == (422, "name_taken")
    # A client that asks how far it is must not be told that all is well.
    assert tus.head(url).status_code == 422
    assert ledger(user) == Charge(live=5, uploads=3)
    from files.actions.trash import trash_nodes

    trash_nodes(actor_of(user), node_ids=[taken.node.pk])
    assert tus.head(url).headers["X-Node-Id"]
    assert bytes_at(actor_of(user), "a.bin") == b"abc"


def test_quota_is_refused_at_creation() -> None:
    user = make_user("small@example.com", quota_bytes=100)
    tus = Tus(user)
    answer = tus.create(101)
    assert (answer.status_code, answer.json()["code"]) == (413, "quota_exceeded")
    assert tus.create(100).status_code == 201
    assert tus.create(1, meta=metadata(filename="b")).status_code == 413


def test_others_uploads_do_not_exist(user: User, tus: Tus) -> None:
    url = tus.create(5).headers["Location"]
    eve = Tus(make_user("eve@example.com"))
    assert eve.head(url).status_code == 404
    assert eve.patch(url, 0, b"x").status_code == 404
    assert eve.send("DELETE", url).status_code == 404
    reading = Tus(user, "read")
    assert reading.create(5).status_code == 403
    assert reading.patch(url, 0, b"x").status_code == 403
    nobody = Tus(None)
    assert nobody.create(5).status_code == 401
    assert nobody.patch(url, 0, b"x").status_code == 401
    api = Tus(user).send("HEAD", "/tus/not-an-id")
    assert api.status_code == 404


def test_uploads_of_other_endpoints_are_not_found(user: User, tus: Tus) -> None:
    from files.actions.uploads import UploadOptions, open_upload
    from files.queries.target import Target

    other = open_upload(actor_of(user), wanted=UploadOptions(Target("x"), length=5))
    assert tus.head(f"/tus/{other.pk}").status_code == 404


def test_expired_uploads_are_gone(user: User, tus: Tus) -> None:
    from common.clock import now

    url = tus.create(5).headers["Location"]
    Upload.objects.update(expires_at=now())
    assert tus.head(url).status_code == 404


def test_every_code_has_a_status() -> None:
    import accounts.errors
    import files.errors

    def codes(module: Any, base: type) -> set[str]:
        return {value.code for value in vars(module).values() if isinstance(value, type) and issubclass(value, base)}

    known = codes(files.errors, files.errors.FileError) | codes(accounts.errors, accounts.errors.AccountError)
    assert known <= errors.TABLE.keys()
    # What clients of tus repeat must be what can succeed when it is repeated.
    repeated = {code for code in known if errors.TABLE[code] in (409, 423)}
    assert repeated == {"offset_conflict", "piece_overlaps", "busy"}
