"""Headers that change what a writing request means: honoured, or refused. Never ignored."""

from typing import Any

import pytest
from django.test import Client

from files.models import Node, Version
from http_kit.unhonoured_headers import REFUSED
from tests.support.clients import Dav, Nextcloud
from tests.support.people import bearer, make_token, make_user

pytestmark = pytest.mark.django_db

PUT_ONLY = ["upload_offset", "upload_complete", "upload_length", "x_upload_content_length", "x_upload_anything"]
ALL = sorted(name.removeprefix("HTTP_").lower() for name in REFUSED)


@pytest.fixture(params=["/dav/", "/remote.php/webdav/"])
def dav(request: Any) -> Dav:
    return Dav(make_user(), prefix=request.param)


@pytest.mark.parametrize("header", [*ALL, *PUT_ONLY])
def test_a_put_is_refused(dav: Dav, header: str) -> None:
    answer = dav.put("a.txt", b"part", **{header: "bytes 0-3/10"})
    assert answer.status_code == 400
    assert header.replace("_", "-").title() in answer.content.decode() or header == "oc_chunked"
    assert not Node.objects.filter(name__startswith="a.txt").exists()


@pytest.mark.parametrize("header", ALL)
def test_so_is_what_moves_copies_and_makes_folders(dav: Dav, header: str) -> None:
    dav.put("a.txt")
    given = {header: "1"}
    for answer in (
        dav.move("a.txt", "b.txt", **given),
        dav.copy("a.txt", "b.txt", **given),
        dav.send("MKCOL", "b.txt", **given),
        dav.send("DELETE", "a.txt", **given),
        dav.send("PROPPATCH", "a.txt", **given),
    ):
        assert answer.status_code == 400
    assert set(Node.objects.filter(parent__isnull=False).values_list("name", flat=True)) == {"a.txt"}


def test_a_patch_of_a_range_is_none(dav: Dav) -> None:
    """sabre/dav's PartialUpdate, also with the header by which we do know PATCH."""
    dav.put("a.txt", b"before")
    for more in ({}, {"x_recalculate_hash": "sha1"}):
        kind = "application/x-sabredav-partialupdate"
        answer = dav.send("PATCH", "a.txt", b"XX", x_update_range="bytes=1-2", content_type=kind, **more)
        assert answer.status_code in (400, 405)
    assert Version.objects.filter(node__name="a.txt").count() == 1


def test_uploads_of_nextcloud_and_rest(settings: Any) -> None:
    user = make_user()
    client = Nextcloud(user)
    upload = f"/remote.php/dav/uploads/{user.pk}/up"
    client.send("MKCOL", upload)
    assert client.send("PUT", f"{upload}/1", b"x", oc_chunked="1").status_code == 400
    assert client.send("PUT", f"{upload}/1", b"x", upload_offset="1").status_code == 400
    assert client.send("MKCOL", f"{upload}2", x_http_method_override="DELETE").status_code == 400
    rest, headers = Client(), bearer(make_token(user)[1])
    for name in ("OC-Chunked", "Upload-Offset", "X-Update-Range", "X-HTTP-Method-Override", "Content-Range"):
        answer = rest.put("/api/v1/content/a.txt", b"x", headers={**headers, name: "1"})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    opened = rest.post("/api/v1/uploads", {"path": "/a.txt"}, "application/json", headers=headers)
    piece = f"{opened.headers['Location']}/pieces/0"
    answer = rest.put(piece, b"x", "application/octet-stream", headers={**headers, "Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert not Node.objects.filter(name="a.txt").exists()


@pytest.mark.parametrize("header", ["oc_total_length", "x_expected_entity_length"])
def test_the_length_that_a_client_says_is_honoured(dav: Dav, header: str) -> None:
    assert dav.put("a.txt", b"hello", **{header: "6"}).status_code == 400
    assert dav.put("a.txt", b"hello", **{header: "x"}).status_code == 400
    assert not Node.objects.filter(name="a.txt").exists()
    assert dav.put("a.txt", b"hello", **{header: "5"}).status_code == 201


def test_overwrite_f_is_honoured_by_put(dav: Dav) -> None:
    assert dav.put("a.txt", b"hello", overwrite="F").status_code == 201
    assert dav.put("a.txt", b"other", overwrite="F").status_code == 412
    assert Version.objects.filter(node__name="a.txt").count() == 1
    assert dav.put("a.txt", b"other", overwrite="T").status_code == 204


@pytest.mark.parametrize("header", ["oc_async", "oc_lazyops", "x_oc_ctime", "x_nc_webdav_automkcol", "prefer"])
def test_what_may_be_ignored(dav: Dav, header: str) -> None:
    """An answer at once is right also for who would wait, a creation time is told as not accepted."""
    answer = dav.put("a.txt", b"hello", **{header: "1"})
    assert answer.status_code == 201
    assert "X-OC-CTime" not in answer.headers
    assert dav.put("no/such/b.txt", b"hello", **{header: "1"}).status_code == 409
