"""The methods that everybody uses, one behaviour a test."""

from datetime import timedelta

import pytest

from accounts.models import User
from common.clock import now
from files.models import TrashItem
from tests.support.clients import Dav, body_of, found_in
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


def read(dav: Dav, path: str) -> bytes:
    answer = dav.send("GET", path)
    assert answer.status_code == 200
    return body_of(answer)


def test_options_without_credentials(db: None) -> None:
    answer = Dav(None).send("OPTIONS")
    assert answer.status_code == 200
    assert answer.headers["DAV"] == "1, 2, 3"
    assert "PROPFIND" in answer.headers["Allow"]


def test_everything_else_needs_credentials(db: None) -> None:
    answer = Dav(None).propfind()
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_put_get_and_head(dav: Dav) -> None:
    created = dav.put("a.txt", b"one")
    assert created.status_code == 201
    replaced = dav.put("a.txt", b"two!")
    assert replaced.status_code == 204
    assert created.headers["ETag"] != replaced.headers["ETag"]
    answer = dav.send("GET", "a.txt")
    assert (answer.status_code, body_of(answer)) == (200, b"two!")
    assert answer.headers["ETag"] == replaced.headers["ETag"]
    head = dav.send("HEAD", "a.txt")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", "4")
    assert dav.properties("a.txt", "{DAV:}getetag") == {"/dav/a.txt": {"{DAV:}getetag": replaced.headers["ETag"]}}


def test_put_takes_the_clients_time(dav: Dav) -> None:
    answer = dav.put("a.txt", x_oc_mtime="1700000000")
    assert answer.headers["X-OC-MTime"] == "accepted"
    found = dav.properties("a.txt", "{DAV:}getlastmodified")
    assert found["/dav/a.txt"]["{DAV:}getlastmodified"] == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_put_verifies_checksums(dav: Dav) -> None:
    assert dav.put("a.txt", b"hello", oc_checksum="SHA1:" + "0" * 40).status_code == 400
    assert dav.send("GET", "a.txt").status_code == 404
    assert dav.put("a.txt", b"hello", oc_checksum="SHA1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d").status_code == 201


@pytest.mark.parametrize("size", [5, 200_000])
def test_put_makes_no_folders(dav: Dav, size: int) -> None:
    assert dav.put("no/a.txt", b"x" * size).status_code == 409
    assert dav.propfind("no").status_code == 404
    dav.put("file")
    assert dav.put("file/a.txt", b"x" * size).status_code == 409


def test_put_refuses_a_part(dav: Dav) -> None:
    assert dav.put("a.txt", content_range="bytes 0-4/10").status_code == 400
    assert dav.send("GET", "a.txt").status_code == 404


def test_put_onto_a_folder(dav: Dav) -> None:
    dav.send("MKCOL", "f")
    answer = dav.put("f")
    assert answer.status_code == 405
    assert "PUT" in answer.headers["Allow"]
    assert dav.put("").status_code == 405


def test_put_with_conditions(dav: Dav) -> None:
    etag = dav.put("a.txt", b"one").headers["ETag"]
    assert dav.put("a.txt", b"two", if_none_match="*").status_code == 412
    assert dav.put("a.txt", b"two", if_match='"no"').status_code == 412
    assert dav.put("a.txt", b"two", if_match=etag).status_code == 204
    assert dav.put("b.txt", b"two", if_match="*").status_code == 412


def test_mkcol(dav: Dav) -> None:
    assert dav.send("MKCOL", "f").status_code == 201
    assert dav.send("MKCOL", "f/").status_code == 405
    assert dav.send("MKCOL", "no/f").status_code == 409
    assert dav.send("MKCOL", "g", b"<x/>", content_type="text/xml").status_code == 415
    assert dav.send("MKCOL", "").status_code == 405


def test_delete_is_the_trash(dav: Dav, ada: User) -> None:
    dav.send("MKCOL", "f")
    dav.put("f/a.txt")
    assert dav.send("DELETE", "f", depth="0").status_code == 400
    assert dav.send("DELETE", "f").status_code == 204
    assert dav.send("DELETE", "f").status_code == 404
    assert dav.send("DELETE", "f/a.txt").status_code == 404
    assert TrashItem.objects.get().path == "/f"
    assert dav.send("DELETE", "").status_code == 403


def test_delete_with_a_condition(dav: Dav) -> None:
    etag = dav.put("a.txt").headers["ETag"]
    assert dav.send("DELETE", "a.txt", if_match='"no"').status_code == 412
    assert dav.send("DELETE", "a.txt", if_match=etag).status_code == 204


def test_get_of_a_folder_says_what_it_is(dav: Dav) -> None:
    answer = dav.send("GET", "")
    assert answer.status_code == 200
    assert dav.send("GET", "", if_none_match=answer.headers["ETag"]).status_code == 304


def test_move_and_its_answers(dav: Dav) -> None:
    dav.put("a.txt", b"a")
    before = dav.properties("a.txt", "{DAV:}getetag")["/dav/a.txt"]
    assert dav.move("a.txt", "b.txt").status_code == 201
    assert dav.properties("b.txt", "{DAV:}getetag")["/dav/b.txt"] == before
    dav.put("c.txt", b"c")
    assert dav.move("b.txt", "c.txt", overwrite="F").status_code == 412
    assert dav.move("b.txt", "c.txt").status_code == 204
    assert read(dav, "c.txt") == b"a"
    assert dav.move("c.txt", "no/c.txt").status_code == 409
    assert dav.move("c.txt", "c.txt").status_code == 403
    assert dav.move("none", "x").status_code == 404
    assert dav.move("none/none", "x").status_code == 404
    assert dav.send("MOVE", "c.txt").status_code == 400
    assert dav.move("c.txt", "d.txt", overwrite="X").status_code == 400
    assert dav.move("c.txt", "d.txt", if_match='"no"').status_code == 412
    dav.send("MKCOL", "f")
    assert dav.move("f", "g", depth="0").status_code == 400
    assert TrashItem.objects.get().path == "/c.txt"


@pytest.mark.parametrize("name", ["a.txt", "folder"])
def test_the_same_move_again_is_done(dav: Dav, name: str) -> None:
    """A proxy or a client sends it again when the replica died before it had answered."""
    dav.put("a.txt", b"a")
    dav.send("MKCOL", "folder")
    first, again = dav.move(name, "b"), dav.move(name, "b")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers.get("ETag") == first.headers.get("ETag")
    assert dav.move(name.upper(), "b").status_code == 404  # another name: it has never been there
    assert dav.move(name, "b", overwrite="F").status_code == 201
    assert dav.move(name, "b", if_match='"other"').status_code == 412
    assert dav.move(name, "c").status_code == 404
    assert dav.move("none", "b").status_code == 404


def test_a_move_that_is_not_the_last_change_is_not_done_again(
    dav: Dav, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    dav.put("a.txt", b"a")
    dav.move("a.txt", "b.txt")
    other = Dav(ada)
    other.headers["User-Agent"] = "another"
    assert other.move("a.txt", "b.txt").status_code == 404
    with monkeypatch.context() as patch:
        patch.setattr("files.queries.journal.now", lambda: now() + timedelta(seconds=61))
        assert dav.move("a.txt", "b.txt").status_code == 404
    assert dav.move("a.txt", "b.txt").status_code == 201
    dav.put("b.txt", b"b")
    assert dav.move("a.txt", "b.txt").status_code == 404
    dav.put("a.txt", b"new")
    assert dav.move("a.txt", "b.txt").status_code == 204  # another one, and it takes the place of the first
    assert read(dav, "b.txt") == b"new"


def test_move_of_case_only(dav: Dav) -> None:
    dav.put("a.txt", b"a")
    assert dav.move("a.txt", "A.txt").status_code == 201
    assert list(dav.properties("", depth="1")) == ["/dav/", "/dav/A.txt"]


def test_copy_and_its_answers(dav: Dav) -> None:
    dav.send("MKCOL", "f")
    dav.put("f/a.txt", b"a")
    assert dav.copy("f", "g").status_code == 201
    assert read(dav, "g/a.txt") == b"a"
    assert dav.copy("f", "g", overwrite="F").status_code == 412
    assert dav.copy("f", "g").status_code == 204
    assert dav.copy("f", "h", depth="0").status_code == 201
    assert list(dav.properties("h", depth="1")) == ["/dav/h/"]
    assert dav.copy("f", "i", depth="1").status_code == 400
    assert dav.copy("f", "f").status_code == 403
    assert dav.copy("f", "no/f").status_code == 409


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_move_and_copy_take_the_clients_time(dav: Dav, method: str) -> None:
    dav.put("a.txt")
    answer = dav.send(method, "a.txt", destination="/dav/b.txt", x_oc_mtime="1700000000")
    assert (answer.status_code, answer.headers["X-OC-MTime"]) == (201, "accepted")
    found = dav.properties("b.txt", "{DAV:}getlastmodified")
    assert found["/dav/b.txt"]["{DAV:}getlastmodified"] == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_into_itself_and_over_an_ancestor(dav: Dav) -> None:
    for path in ("f", "f/g", "f/g/h"):
        dav.send("MKCOL", path)
    assert dav.move("f", "f/g/f").status_code == 409
    assert dav.copy("f", "f/g/f").status_code == 409
    assert dav.move("f/g/h", "f").status_code == 403
    assert dav.copy("f/g/h", "f").status_code == 403
    assert dav.propfind("f/g/h").status_code == 207


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("http://testserver/dav/b.txt", 201),
        ("http://testserver:80/dav/b.txt", 201),
        ("https://testserver/dav/b.txt", 201),
        ("HTTP://TESTSERVER/dav/b.txt", 201),
        ("/dav/b%20c.txt", 201),
        ("/dav//b.txt", 201),
        ("http://elsewhere/dav/b.txt", 502),
        ("//elsewhere/dav/b.txt", 502),
        ("/api/v1/content/b.txt", 502),
        ("/davb.txt", 502),
        ("/dav/../b.txt", 400),
        ("/dav/%2e%2e/b.txt", 400),
        ("/dav/b%00.txt", 400),
        ("/dav/b%ff.txt", 400),
        ("/dav/b.txt#c", 400),
        ("/dav/b.txt?c", 400),
        ("b.txt", 400),
        ("ftp://testserver/dav/b.txt", 400),
        ("http:///dav/b.txt", 400),
        ("http://[testserver/dav/b.txt", 400),
        ("/dav/", 403),
        ("/dav", 403),
    ],
)
def test_destinations(dav: Dav, method: str, destination: str, status: int) -> None:
    dav.put("a.txt")
    assert dav.send(method, "a.txt", destination=destination, host="testserver").status_code == status


def test_fragments_are_refused(dav: Dav) -> None:
    dav.send("MKCOL", "f")
    assert dav.send("DELETE", "f/#ment").status_code == 400
    assert dav.propfind("f").status_code == 207


def test_names_that_are_not_utf8(dav: Dav) -> None:
    assert dav.put("%ff.txt").status_code == 400
    assert dav.put("%FE%FFa.txt").status_code == 400
    assert dav.put("..").status_code == 400
    assert dav.put("%2e%2e/a").status_code == 400
    assert dav.put("a%00b").status_code == 400


def test_odd_names_come_back(dav: Dav) -> None:
    for name in ("a%20b", "%C3%A4", "100%25", "a%23b", "a%3Fb", "a%26b", "a%0Ab", "%F0%9F%98%80", "a%3Cb", "a%01b"):
        assert dav.put(name).status_code == 201
        assert list(found_in(dav.propfind(name))) == [f"/dav/{name}"]
    hrefs = list(dav.properties("", "{DAV:}displayname", depth="1"))
    assert len(hrefs) == 11
    for href in hrefs[1:]:
        assert dav.send("GET", href.removeprefix("/dav/")).status_code == 200


def test_scopes(ada: User) -> None:
    reader = Dav(ada, "read")
    assert reader.propfind().status_code == 207
    assert reader.put("a.txt").status_code == 403
    assert reader.send("MKCOL", "f").status_code == 403
    assert Dav(ada, "write").propfind().status_code == 403


def test_foreign_homes_are_not_there(dav: Dav) -> None:
    bob = make_user("bob@example.com")
    Dav(bob).put("secret.txt")
    assert dav.send("GET", "secret.txt").status_code == 404


def test_unknown_methods_and_reports(dav: Dav) -> None:
    assert dav.send("BREW", "").status_code == 405
    assert dav.send("POST", "").status_code == 405
    answer = dav.send("REPORT", "", b"<x/>")
    assert answer.status_code == 403
    assert b"supported-report" in answer.content


def test_errors_are_elements(dav: Dav) -> None:
    answer = dav.send("GET", "none")
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert b"<s:exception>Sabre\\DAV\\Exception\\NotFound</s:exception>" in answer.content
