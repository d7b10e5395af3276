"""PROPPATCH: dead properties, the few live ones that can be set, and that it is all or nothing."""

import pytest

from files.models import Change, NodeProperty
from tests.support.clients import Dav, found_in

pytestmark = pytest.mark.django_db
X = "{urn:x}"


def patch(dav: Dav, path: str, inner: str, **headers: str | None) -> "dict[str, list[str]]":
    """Names by status."""
    answer = dav.send("PROPPATCH", path, f"<D:propertyupdate xmlns:D='DAV:'>{inner}</D:propertyupdate>", **headers)
    assert answer.status_code == 207, answer.content
    statuses = ("200", "403", "409", "424")
    found = {status: [name for names in found_in(answer, status).values() for name in names] for status in statuses}
    return {status: names for status, names in found.items() if names}


def given(name: str, value: str = "1", namespace: str = "urn:x") -> str:
    return f"<D:set><D:prop><{name} xmlns='{namespace}'>{value}</{name}></D:prop></D:set>"


def removed(name: str, namespace: str = "urn:x") -> str:
    return f"<D:remove><D:prop><{name} xmlns='{namespace}'/></D:prop></D:remove>"


def test_set_find_and_remove(dav: Dav) -> None:
    dav.put("a.txt")
    assert patch(dav, "a.txt", given("a") + given("b", "zwei") + given("c", "", namespace="")) == {
        "200": [X + "a", X + "b", "c"]
    }
    assert dav.properties("a.txt", X + "b", "c")["/dav/a.txt"] == {X + "b": "zwei", "c": None}
    assert dav.properties("a.txt")["/dav/a.txt"][X + "a"] == "1"  # allprop
    names = found_in(dav.propfind("a.txt", "<propfind xmlns='DAV:'><propname/></propfind>"))["/dav/a.txt"]
    assert names[X + "b"] is None
    assert patch(dav, "a.txt", removed("a") + removed("never")) == {"200": [X + "a", X + "never"]}
    assert X + "a" not in dav.properties("a.txt")["/dav/a.txt"]


def test_the_order_of_the_document_counts(dav: Dav) -> None:
    dav.put("a.txt")
    patch(dav, "a.txt", given("a", "1") + removed("a") + given("b", "1") + given("b", "2"))
    assert list(NodeProperty.objects.values_list("name", "value")) == [("b", "2")]


def test_values_are_xml(dav: Dav) -> None:
    dav.put("a.txt")
    value = "<y:z xmlns:y='urn:y' k='&lt;&quot;'>&amp; 𐀀 <w/></y:z>tail"
    patch(dav, "a.txt", given("a", value))
    assert dav.properties("a.txt", X + "a")["/dav/a.txt"] == {X + "a": "{urn:y}z"}
    assert "𐀀" in dav.propfind("a.txt").content.decode()


@pytest.mark.parametrize("name", ["xml:x", "y:x xmlns:y='urn:&lt;&quot;&amp;'", "DAVx", "x xmlns='DAV'"])
def test_names_come_back_as_they_were(dav: Dav, name: str) -> None:
    dav.put("a.txt")
    end = name.partition(" ")[0]
    (names,) = patch(dav, "a.txt", f"<D:set><D:prop><{name}>1</{end}></D:prop></D:set>").values()
    assert dav.properties("a.txt")["/dav/a.txt"][names[0]] == "1"


def test_all_or_nothing(dav: Dav) -> None:
    dav.put("a.txt")
    found = patch(dav, "a.txt", given("a") + given("getetag", namespace="DAV:") + given("lastmodified", "x", "DAV:"))
    assert found == {"403": ["{DAV:}getetag"], "409": ["{DAV:}lastmodified"], "424": [X + "a"]}
    assert not NodeProperty.objects.exists()
    answer = dav.send(
        "PROPPATCH", "a.txt", f"<D:propertyupdate xmlns:D='DAV:'>{given('x', '', 'DAV:')}</D:propertyupdate>"
    )
    assert b"<d:cannot-modify-protected-property/>" in answer.content


def test_time(dav: Dav) -> None:
    etag = dav.put("a.txt").headers["ETag"]
    assert patch(dav, "a.txt", given("lastmodified", "1700000000", "DAV:")) == {"200": ["{DAV:}lastmodified"]}
    found = dav.properties("a.txt", "{DAV:}getlastmodified", "{DAV:}getetag")["/dav/a.txt"]
    assert found == {"{DAV:}getlastmodified": "Tue, 14 Nov 2023 22:13:20 GMT", "{DAV:}getetag": etag}
    assert dav.send("GET", "a.txt").headers["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    change = Change.objects.latest("seq")
    assert (change.kind, change.before_version_id) == ("write", change.after_version_id)
    dav.send("MKCOL", "f")
    patch(dav, "f", given("lastmodified", "1700000000", "DAV:"))
    assert dav.properties("f", "{DAV:}getlastmodified")["/dav/f/"] == {
        "{DAV:}getlastmodified": "Tue, 14 Nov 2023 22:13:20 GMT"
    }


def test_they_go_where_the_node_goes(dav: Dav) -> None:
    dav.send("MKCOL", "f")
    dav.put("f/a.txt")
    for path in ("f", "f/a.txt"):
        patch(dav, path, given("a", path))
    dav.copy("f", "copied")
    dav.copy("f", "alone", depth="0")
    dav.move("f", "moved")
    dav.put("moved/a.txt", b"overwritten")
    for path in ("copied/", "copied/a.txt", "alone/", "moved/", "moved/a.txt"):
        value = "f/a.txt" if path.endswith("a.txt") else "f"
        assert dav.properties(path, X + "a")[f"/dav/{path}"] == {X + "a": value}
    listed = dav.properties("moved", X + "a", depth="1")
    assert listed == {"/dav/moved/": {X + "a": "f"}, "/dav/moved/a.txt": {X + "a": "f/a.txt"}}
    dav.send("DELETE", "moved")
    assert NodeProperty.objects.count() == 5


def test_conditions_and_what_is_missing(dav: Dav) -> None:
    dav.put("a.txt")
    body = f"<D:propertyupdate xmlns:D='DAV:'>{given('a')}</D:propertyupdate>"
    assert dav.send("PROPPATCH", "none", body).status_code == 404
    assert dav.send("PROPPATCH", "a.txt", body, if_match='"no"').status_code == 412


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<x/>",
        "<D:propertyupdate xmlns:D='DAV:'/>",
        "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop/></D:set></D:propertyupdate>",
        "<D:propertyupdate xmlns:D='DAV:'><x><D:prop><a/></D:prop></x></D:propertyupdate>",
        "<!DOCTYPE x><D:propertyupdate xmlns:D='DAV:'/>",
    ],
)
def test_bodies_that_are_refused(dav: Dav, body: str) -> None:
    dav.put("a.txt")
    assert dav.send("PROPPATCH", "a.txt", body).status_code == 400


def test_floods(dav: Dav) -> None:
    dav.put("a.txt")

    def status(inner: str) -> int:
        body = f"<D:propertyupdate xmlns:D='DAV:'>{inner}</D:propertyupdate>"
        return int(dav.send("PROPPATCH", "a.txt", body).status_code)

    assert status(given("a", "x" * 65 * 1024)) == 413
    assert status("".join(given(f"a{number}") for number in range(101))) == 403
    assert status("".join(given(f"a{number}") for number in range(501))) == 400
    assert status(given("a" * 256)) == 400
    assert status(given("a", namespace="urn:" + "x" * 500)) == 400
    assert status(given("a", "<b>" * 100 + "</b>" * 100)) == 400
    assert status(given("a", " " * 1024 * 1024)) == 413
    assert not NodeProperty.objects.exists()
