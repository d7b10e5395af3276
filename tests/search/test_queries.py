"""What is found, in which order, page by page."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from files import errors
from files.actions.create_folder import create_folder
from files.models import Node, NodeKind
from files.queries.target import Target
from search.queries import ORDERS, Wanted, search
from tests.search.conftest import find, index
from tests.support.trees import put


@pytest.fixture
def library(ada: Actor) -> Actor:
    put(ada, "README.md", b"Nothing much. See os.path.join and my_function in version 3.11.2")
    put(ada, "docs/guide.txt", "The quick brown fox. 全文搜索引擎 Müller".encode())
    put(ada, "docs/brown.txt", b"quick is the fox that is not brown")
    put(ada, "docs/deep/annual report 2024.pdf", b"%PDF-1.4 quick")
    put(ada, "code/main.py", b"def camelCaseName(): pass  # read me, guide")
    index()
    return ada


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("readme", ["/README.md"]),
        ("README.md", ["/README.md"]),
        ("os.path.join", ["/README.md"]),
        ("path.os", []),
        ("my_function", ["/README.md"]),
        ("3.11.2", ["/README.md"]),
        ("3.11", ["/README.md"]),
        ("camelCaseName", ["/code/main.py"]),
        ("camelcase", ["/code/main.py"]),
        ("quick brown fox", ["/docs/guide.txt", "/docs/brown.txt"]),
        ('"quick brown"', ["/docs/guide.txt"]),
        ("quick -brown", []),
        ('quick -"brown fox"', ["/docs/brown.txt"]),
        ("搜索", ["/docs/guide.txt"]),
        ("索搜", []),
        ("muller", ["/docs/guide.txt"]),
        ("MÜLLER", ["/docs/guide.txt"]),
        ("ext:pdf", ["/docs/deep/annual report 2024.pdf"]),
        ("report ext:pdf", ["/docs/deep/annual report 2024.pdf"]),
        ("report -ext:pdf", []),
        ("annual rep", ["/docs/deep/annual report 2024.pdf"]),
        ("annual rep x", []),
        ("name:guide", ["/docs/guide.txt"]),
        ("guide", ["/docs/guide.txt", "/code/main.py"]),  # the name counts for more
        ("docs", ["/docs"]),
        ("s1", []),  # which is what the index calls a space
        ("/1", []),
        ("", []),
        ("-quick", []),
    ],
)
def test_finds(library: Actor, text: str, paths: list[str]) -> None:
    assert find(library, text) == paths


@pytest.mark.parametrize("typed", ["ext:TXT", "ext:.txt", "ext:tar.txt"])
def test_extensions_as_people_write_them(library: Actor, typed: str) -> None:
    assert sorted(find(library, typed)) == ["/docs/brown.txt", "/docs/guide.txt"]
    assert find(library, f"{typed} ext:pdf") != []
    assert find(library, typed, Wanted(extensions=(".PDF",))) == []


def test_exact_name_first(ada: Actor) -> None:
    put(ada, "notes on config and config.txt", b"config config config config")
    put(ada, "config", b"nothing")
    put(ada, "text.txt", b"config " * 50)
    index()
    assert find(ada, "config")[0] == "/config"


def test_the_phrase_before_the_scattered_words(ada: Actor) -> None:
    put(ada, "a.txt", b"one two three four " + b"filler " * 2000)
    for number in range(8):
        put(ada, f"b{number}.txt", b"two one four three " * 50)
    index()
    assert find(ada, "one two three four")[0] == "/a.txt"


def test_copied_text_may_have_minus_signs(ada: Actor) -> None:
    put(ada, "notes.txt", b"to unpack:\n  tar -xzf  archive.tar\nand then gcc -Wall -O2 prog.c")
    put(ada, "report.txt", b"an annual report, the draft of it")
    put(ada, "other.txt", b"an annual report; tar archive")
    index()
    assert find(ada, "tar -xzf archive") == ["/notes.txt"]
    assert find(ada, "GCC -Wall -o2") == ["/notes.txt"]
    assert find(ada, "-Wall") == ["/notes.txt"]
    assert find(ada, "then gcc -Wall -O2 -pipe") == []
    assert find(ada, "report -draft") == ["/other.txt"]
    assert find(ada, "tar -unpack") == ["/other.txt"]  # nothing says that with a minus sign


def test_copied_text_may_have_what_looks_like_a_field(ada: Actor) -> None:
    put(ada, "keys.txt", b"# <Key name:D hash:100100>: 'd'\next:pdf is an example of ext:pdf")
    put(ada, "d.txt", b"hash 100100")
    put(ada, "some.pdf", b"-")
    index()
    assert find(ada, "# <Key name:D hash:100100>: 'd'") == ["/keys.txt"]
    assert find(ada, "key name:D hash:100100") == ["/keys.txt"]
    assert find(ada, "name:D hash:100100") == ["/d.txt"]
    assert find(ada, "ext:pdf") == ["/some.pdf"]
    assert find(ada, "name:E hash:100100") == []


def test_far_into_a_long_text(ada: Actor) -> None:
    line = b"a line as there are many in a long text 0123456789\n"
    put(ada, "long.txt", line * 50_000 + b"the needle stands here\n" + line)
    index()
    assert find(ada, "needle stands here") == ["/long.txt"]


def test_more_different_words_than_any_index_takes(ada: Actor) -> None:
    """PostgreSQL's vectors end at 1 MiB; what is behind is found all the same, and nothing else."""
    words = " ".join(f"x{number * 7919:x}" for number in range(300_000))
    put(ada, "many words.txt", f"{words} last needle stands".encode())
    put(ada, "few.txt", b"needle last")
    index()
    assert find(ada, "last needle stands") == ["/many words.txt"]
    assert find(ada, "needle") == ["/few.txt", "/many words.txt"]
    assert find(ada, "needle -stands") == ["/few.txt"]
    assert find(ada, '"needle last"') == ["/few.txt"]
    assert find(ada, "haystack") == find(ada, "name:needle") == find(ada, "needle haystack") == []
    assert find(ada, "stan") == ["/many words.txt"]


def test_filters(library: Actor) -> None:
    def paths(**wanted: object) -> list[str]:
        return find(library, "quick", Wanted(**wanted))  # type: ignore[arg-type]

    both = ["/docs/brown.txt", "/docs/guide.txt"]
    docs = Node.objects.get(name="docs")
    code = Node.objects.get(name="code")
    assert sorted(paths()) == both
    assert sorted(paths(under=docs.pk)) == both
    assert paths(under=code.pk) == []
    assert paths(kind=NodeKind.FOLDER) == []
    assert sorted(paths(extensions=("txt", "pdf"))) == both
    assert paths(extensions=("pdf",)) == []
    assert sorted(paths(media_types=("text", "image"))) == both
    assert sorted(paths(media_types=("text/plain",))) == both
    assert paths(media_types=("text/html",)) == []
    assert paths(minimum_size=40) == ["/docs/guide.txt"]
    assert paths(maximum_size=40) == ["/docs/brown.txt"]
    now = datetime.now(UTC)
    assert sorted(paths(modified_after=now - timedelta(hours=1), modified_before=now)) == both
    assert paths(modified_before=now - timedelta(hours=1)) == []
    assert sorted(find(library, "ext:txt", Wanted(under=docs.pk))) == both


def test_under_a_file(library: Actor) -> None:
    with pytest.raises(errors.NotAFolder):
        search(library, "quick", wanted=Wanted(under=Node.objects.get(name="guide.txt").pk))


def test_orders_and_pages(ada: Actor) -> None:
    for number in range(25):
        put(ada, f"f{number:02}.txt", b"words " * (25 - number))
    index()
    for order, first in {"name": "f00.txt", "-name": "f24.txt", "size": "f24.txt", "-size": "f00.txt"}.items():
        names, cursor = [], None
        while True:
            page = search(ada, "words", order=order, cursor=cursor, limit=10)
            assert page.total == 25
            names += [hit.node.name for hit in page.hits]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert names[0] == first
        assert len(names) == len(set(names)) == 25
    assert len(search(ada, "words", limit=10_000).hits) == 25
    for order in ORDERS:
        assert search(ada, "words", order=order).total == 25
    with pytest.raises(errors.InvalidRequest):
        search(ada, "words", order="colour")


def test_cursors_belong_to_their_search(library: Actor) -> None:
    cursor = search(library, "quick", limit=1).next_cursor
    assert cursor is not None
    assert len(search(library, "quick", cursor=cursor, limit=1).hits) == 1
    for text, wanted in (("fox", Wanted()), ("quick", Wanted(kind=1))):
        with pytest.raises(errors.InvalidCursor):
            search(library, text, wanted=wanted, cursor=cursor)
    for odd in ("x", cursor[:-1], "x" * 10_000):
        with pytest.raises(errors.InvalidCursor):
            search(library, "quick", cursor=odd)


def test_a_page_is_full_although_hits_have_gone(ada: Actor) -> None:
    """Rows that went without the index knowing: the page goes on to those that are there."""
    for number in range(12):
        put(ada, f"f{number:02}.txt", b"words")
    index()
    Node.objects.filter(name__in=[f"f{n:02}.txt" for n in range(6)]).update(parent=None)
    page = search(ada, "words", order="name", limit=5)
    assert [hit.node.name for hit in page.hits] == [f"f{n:02}.txt" for n in range(6, 11)]


def test_constant_number_of_queries(ada: Actor, django_assert_num_queries: pytest.FixtureRequest) -> None:
    for number in range(40):
        put(ada, f"d{number}/e/f/g/words{number}.txt", b"words here %d" % number)
    index()
    for limit in (1, 10, 40):
        with django_assert_num_queries(6):  # type: ignore[operator]
            page = search(ada, "words here", limit=limit)
        assert len(page.hits) == limit
        assert all(hit.snippet for hit in page.hits)


def test_snippets_are_segments(ada: Actor) -> None:
    put(ada, "page.html", b"<b onclick=evil()>bold words</b>")
    index()
    (hit,) = search(ada, "bold").hits
    assert hit.snippet == [("<b onclick=evil()>", False), ("bold", True), (" words</b>", False)]


def test_names_of_any_kind(ada: Actor) -> None:
    names = ["Übergrößenträger.txt", "日本語の文書.txt", "🎉 party.txt", "100%.txt", "a#b?.txt", ".hidden", "x" * 255]
    for name in names:
        put(ada, name, name.encode())
    create_folder(ada, target=Target("--- ///"))
    index()
    for text, name in zip(["ubergroßen", "文書", "🎉", "name:100", "name:b", "hidden", "x" * 255], names, strict=True):
        assert f"/{name}" in find(ada, text), text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.text(alphabet="abq \"'-:*^()~|&!<>{}[]\\/%_.,;+=#@$中🎉\0\ud800NEAR", max_size=40))
def test_never_an_error(library: Actor, text: str) -> None:
    search(library, text)
    search(library, f"quick {text}", wanted=Wanted(extensions=("txt", text[:5])), order="-name")


@pytest.mark.parametrize(
    "text",
    ['"', '""', '"""', "AND", "OR NOT", "NEAR(a b)", "name:", "name : x", "a*", "*", "(", "a:b", "-", "--",
     "x" * 10_000, "quick\0fox", "\ud800", "🎉" * 50, "' OR 1=1 --", "%", "_", "\\", "a & b | !c", "col:* ^2",
     "quick " * 500],
)  # fmt: skip
def test_odd_input(library: Actor, text: str) -> None:
    search(library, text)
