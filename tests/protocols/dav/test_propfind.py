"""PROPFIND: what is asked for, what is told, and how many queries it takes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.clock import now
from files import sql_rows
from files.models import Node, NodeKind
from protocols.dav.escaping import quoted
from tests.support.clients import Dav, found_in
from tests.support.people import make_user
from tests.support.trees import home_of

pytestmark = pytest.mark.django_db
PROP = "<propfind xmlns='DAV:'><prop>{}</prop></propfind>"


def fill(user: User, count: int) -> None:
    """Empty folders: quick to make, and listed as files are."""
    space, at = home_of(user), now()
    nodes = [
        sql_rows.make(
            Node,
            space_id=space.pk,
            parent_id=space.root_id,
            kind=NodeKind.FOLDER,
            name=f"n{number:05}",
            name_key=f"n{number:05}",
            created_at=at,
            modified_at=at,
        )
        for number in range(count)
    ]
    sql_rows.insert(Node, nodes)


def test_no_body_asks_for_all(dav: Dav) -> None:
    dav.put("a.txt", b"hello")
    found = dav.properties("", depth="1")
    assert list(found) == ["/dav/", "/dav/a.txt"]
    assert found["/dav/"]["{DAV:}resourcetype"] == "{DAV:}collection"
    file = found["/dav/a.txt"]
    assert file["{DAV:}getcontentlength"] == "5"
    assert file["{DAV:}resourcetype"] is None
    assert file["{DAV:}displayname"] == "a.txt"
    assert file["{DAV:}getcontenttype"] == "text/plain; charset=utf-8"
    assert "{DAV:}quota-used-bytes" not in found["/dav/"]  # RFC 4331 section 3
    assert "{DAV:}getcontentlength" not in found["/dav/"]


def test_missing_properties_are_told_apart(dav: Dav) -> None:
    body = PROP.format("<getetag/><nothing/><x:y xmlns:x='urn:x'/><z xmlns=''/>")
    answer = dav.propfind("", body)
    assert list(found_in(answer)["/dav/"]) == ["{DAV:}getetag"]
    assert list(found_in(answer, "404")["/dav/"]) == ["{DAV:}nothing", "{urn:x}y", "z"]
    minimal = dav.propfind("", body, prefer="return=minimal")
    assert found_in(minimal, "404") == {"/dav/": {}}


def test_propname_and_allprop_with_include(dav: Dav) -> None:
    names = found_in(dav.propfind("", "<propfind xmlns='DAV:'><propname/></propfind>"))["/dav/"]
    assert names["{DAV:}quota-used-bytes"] is None
    assert "{DAV:}getetag" in names
    body = "<propfind xmlns='DAV:'><allprop/><include><quota-used-bytes/></include></propfind>"
    found = found_in(dav.propfind("", body))["/dav/"]
    assert found["{DAV:}quota-used-bytes"] == "0"
    assert "{DAV:}getetag" in found


def test_quota(db: None) -> None:
    dav = Dav(make_user(quota_bytes=1000))
    dav.send("MKCOL", "f")
    dav.put("f/a.txt", b"x" * 10)
    names = ("{DAV:}quota-used-bytes", "{DAV:}quota-available-bytes")
    root = dav.properties("", *names)["/dav/"]
    assert (root[names[0]], root[names[1]]) == ("10", "990")
    assert dav.properties("f", *names)["/dav/f/"][names[0]] == "10"
    assert dav.properties("f/a.txt", *names)["/dav/f/a.txt"] == {}


@pytest.mark.parametrize(
    "body",
    [
        "<propfind xmlns='DAV:'><prop>",
        "<propfind xmlns='DAV:'><prop><x:y xmlns:x=''/></prop></propfind>",
        "<propfind><prop/></propfind>",
        "<propfind xmlns='DAV:'/>",
        "<propfind xmlns='DAV:'><prop/><allprop/></propfind>",
        "plain",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><propfind xmlns='DAV:'><prop>&a;</prop></propfind>",
        "<!DOCTYPE propfind SYSTEM 'http://127.0.0.1/x.dtd'><propfind xmlns='DAV:'><allprop/></propfind>",
        PROP.format("<a>" * 200 + "</a>" * 200),
        PROP.format("".join(f"<a{number}/>" for number in range(501))),
        "<?xml version='1.0' encoding='no-such'?><propfind xmlns='DAV:'><allprop/></propfind>",
    ],
)
def test_bodies_that_are_refused(dav: Dav, body: str) -> None:
    assert dav.propfind("", body).status_code == 400


def test_billion_laughs(dav: Dav) -> None:
    entities = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    body = f"<!DOCTYPE x [<!ENTITY a0 'ha'>{entities}]><propfind xmlns='DAV:'><prop>&a11;</prop></propfind>"
    assert dav.propfind("", body).status_code == 400


def test_text_between_elements_and_other_encodings(dav: Dav) -> None:
    assert dav.propfind("", PROP.format("text<getetag/>text")).status_code == 207
    body = f"<?xml version='1.0' encoding='utf-16'?>{PROP.format('<getetag/>')}"
    assert found_in(dav.propfind("", body.encode("utf-16"))).keys() == {"/dav/"}


def test_too_long_a_body(dav: Dav) -> None:
    assert dav.propfind("", PROP.format(" " * 1024 * 1024)).status_code == 413


def test_depths(dav: Dav) -> None:
    dav.put("a.txt")
    for depth in ("infinity", "Infinity", None):
        refused = dav.propfind("", depth=depth)
        assert refused.status_code == 403
        assert b"<d:propfind-finite-depth/>" in refused.content
        assert dav.propfind("a.txt", depth=depth).status_code == 207
    assert dav.propfind("", depth="2").status_code == 400


def test_missing(dav: Dav) -> None:
    assert dav.propfind("none").status_code == 404
    assert dav.propfind("none/none").status_code == 404
    dav.put("a.txt")
    assert dav.propfind("a.txt/b").status_code == 404


def queries(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


def test_queries_do_not_grow_with_the_folder(dav: Dav, ada: User) -> None:
    dav.put("a.txt")
    ask = lambda: dav.properties("", "{DAV:}getetag", "{DAV:}quota-available-bytes", depth="1")  # noqa: E731
    assert len(ask()) == 2
    few = queries(ask)
    fill(ada, 900)
    assert len(ask()) == 902
    assert queries(ask) == few <= 7


def test_more_than_a_page_is_streamed(dav: Dav, ada: User) -> None:
    fill(ada, 2500)
    answer = dav.propfind("", PROP.format("<getetag/>"), "1")
    assert answer.streaming
    found = found_in(answer)
    assert len(found) == 2501
    assert list(found)[-1] == "/dav/n02499/"
    assert all(properties.keys() == {"{DAV:}getetag"} for properties in found.values())


@pytest.mark.parametrize("name", ["a.txt", "txt", ".txt", "a.tar.gz", "a.svg", "a.HTML", "a", "a.b.", "ä.md"])
def test_the_type_is_that_of_a_download(dav: Dav, name: str) -> None:
    dav.put(quote(name))
    (found,) = dav.properties(quote(name), "{DAV:}getcontenttype").values()
    assert found["{DAV:}getcontenttype"] == dav.send("GET", quote(name)).headers["Content-Type"]


@pytest.mark.parametrize(
    "name", ["a b~(c).txt", "ä", "日本", "a%2Fb", "a&b", "a'b", "a*b!$,;=:@", '[]{}|\\^`"<>#?', "😀"]
)
def test_hrefs_can_be_followed(dav: Dav, name: str) -> None:
    assert quoted(name) == quote(name, safe="()~")
    dav.put(quoted(name))
    assert set(dav.properties("", depth="1")) == {"/dav/", f"/dav/{quoted(name)}"}
    assert dav.send("GET", quoted(name)).status_code == 200
