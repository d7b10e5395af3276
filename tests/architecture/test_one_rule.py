"""One rule lives in one place. What is written twice on purpose, because it is hot, is held together here."""

import re
from datetime import UTC, datetime

import pytest

from accounts.actor import system
from accounts.models import Team
from common.etags import file_etag, folder_etag
from files.access.compute import Access
from files.access.rights import ALL_RIGHTS
from files.api.outputs import render
from files.models import Node, NodeKind, Space
from files.queries.file_content import FileContent
from files.queries.listing import Row
from files.queries.tree import LocatedNode
from protocols.dav.properties.registry import DAV, Context, Entry
from protocols.dav.properties.standard import STANDARD
from protocols.dav.resources import AddressRoot, Dialect
from tests.architecture.test_house import SOURCES, name_of

RULES = {  # of each rule: how it looks, and where it may be written
    "the format of an ETag (common/etags.py)": (
        re.compile(r"""'"\{[^}]+\}[-.]\{[^}]+\}"'"""),
        {"common/etags.py", "files/api/outputs/render.py"},
    ),
    "the largest number of a database (common/ids.py, common/sizes.py)": (
        re.compile(r"2 ?\*\* ?63\b"),
        {"common/ids.py", "common/sizes.py"},
    ),
    "what an id looks like (common/ids.py)": (
        re.compile(r"\[0-9\]\{1,19\}"),
        {"common/ids.py", "protocols/tus/parse.py"},  # the second for numbers of bytes
    ),
    "a list in pieces (common/batches.py)": (
        re.compile(r"for \w+ in range\(0, len\("),
        {"common/batches.py", "common/content_hash.py", "protocols/dav/body.py"},  # the others cut bytes
    ),
    "Content-Disposition (common/content_disposition.py)": (
        re.compile(r"content_disposition_header\(|; filename="),
        {"common/content_disposition.py"},
    ),
    "a time in text (common/times.py)": (re.compile(r"\bparse_datetime\b|LOST_PLUS"), {"common/times.py"}),
    "the boundary of a multipart body (http_kit/parameters.py)": (
        re.compile(r"boundary=\(\?"),
        {"http_kit/parameters.py"},
    ),
    "a page for who is signed in (http_kit/page.py)": (
        re.compile(r"@login_required|login_required\("),
        {"http_kit/page.py"},
    ),
    "what an error is to a page (http_kit/page.py)": (
        re.compile(r"PAGES: dict\[str, int\]"),
        {"http_kit/page.py"},
    ),
    "a page of a list, as the schema describes it (http_kit/fields.py)": (
        re.compile(r'next_cursor"?[ :=]+(serializers\.)?CharField\('),
        {
            "http_kit/fields.py",
            "files/api/outputs/shapes.py",
            "search/api/views.py",
        },  # the others say more than a page
    ),
    "which keys a listing returns (storage/probed.py)": (
        re.compile(r"startswith\(QUARANTINE\) and not prefix"),
        {"storage/probed.py", "storage/memory.py"},
    ),
    "the elements of a multistatus (protocols/dav/multistatus.py)": (
        re.compile(r"<d:response>|<d:propstat>"),
        {"protocols/dav/multistatus.py", "protocols/dav/properties/writing.py"},  # the second: elements of many entries
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_written_in_one_place(rule: str) -> None:
    pattern, places = RULES[rule]
    found = {name_of(path) for path in SOURCES if pattern.search(path.read_text())}
    assert found <= places
    assert found, "the rule looks different now: so must the pattern"


def rows_of(folder_id: int, file_id: int) -> list[Row]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        (folder_id, NodeKind.FOLDER, "d", 0, 7, at, at, None, 0, None, None, None, "d"),
        (file_id, NodeKind.FILE, "a", 1, 9, at, at, 33, 0, "c" * 64, "text/plain", "{}", "a"),
    ]


def test_every_way_to_an_etag_gives_the_same() -> None:
    wanted = [folder_etag(21, 7), file_etag(22, 33)]
    assert wanted == ['"21-7"', '"22.33"']
    nodes = [
        Node(id=21, kind=NodeKind.FOLDER, seq=7),
        Node(id=22, kind=NodeKind.FILE, seq=9, version_id=33),
    ]
    assert [node.etag for node in nodes] == wanted
    rows = rows_of(21, 22)
    place = LocatedNode(Space(id=1, team=Team()), nodes[0], (), Access(rights=ALL_RIGHTS))
    assert [item["etag"] for item in render.rows(rows, place)] == wanted
    entries = [Entry._make(row) for row in rows]
    context = Context(system("test"), AddressRoot("/dav/", Dialect(STANDARD)), place, of_members=True)
    getetag = STANDARD.get((DAV, "getetag"))
    assert getetag is not None
    assert [getetag.render(entry, context) for entry in entries] == wanted
    content = FileContent(22, "a", 33, datetime(2026, 1, 1, tzinfo=UTC), 1, 1, "", {}, "", False, None, 0, 0)
    assert content.etag == wanted[1]
