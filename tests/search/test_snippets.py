import time

from hypothesis import example, given
from hypothesis import strategies as st

from search.snippets import LENGTH, snippet
from search.syntax import parse


def marked(text: str, query: str) -> str:
    return "".join(f"[{part}]" if is_match else part for part, is_match in snippet(text, parse(query)))


def test_marks_words_in_any_case_and_with_accents() -> None:
    assert marked("Herr Müller und MULLER", "muller") == "Herr [Müller] und [MULLER]"
    assert marked("straße", "straße") == ""  # folded to another length: found, but not shown
    assert marked("Mull", "mul") == "[Mull]"
    assert marked("a null mul", '"mul"') == "a null [mul]"


def test_marks_phrases_with_what_is_between() -> None:
    assert marked("call os.path.join(x)", "os.path.join") == "call [os.path.join](x)"
    assert marked("my_function()", "my function") == "[my]_[function]()"
    assert marked("全文搜索引擎", "搜索") == "全文[搜索]引擎"


def test_prefers_the_phrase_to_scattered_words() -> None:
    text = "red and fox. " + "filler words " * 200 + "the red fox jumps" + " more filler" * 200
    assert "the [red] [fox] jumps" in marked(text, "red fox")


def test_markup_stays_text() -> None:
    assert snippet('<script>alert("x")</script>', parse("alert")) == [
        ("<script>", False),
        ("alert", True),
        ('("x")</script>', False),
    ]


def test_nothing_to_show() -> None:
    assert snippet("", parse("x")) == []
    assert snippet("text", parse("other")) == []
    assert snippet("text", parse("name:text")) == []


def test_a_large_text_is_quick() -> None:
    text = "aa ab ac the of a " * 60_000
    started = time.process_time()
    snippet(text, parse("the of a zz aa b c"))
    assert time.process_time() - started < 1


@given(st.text(max_size=400), st.text(max_size=30))
@example("000", "0:0")
def test_segments_are_the_text(text: str, query: str) -> None:
    parts = snippet(text, parse(query))
    shown = "".join(part for part, _ in parts)
    assert len(shown) <= LENGTH * 2
    if parts:
        assert any(is_match for _, is_match in parts)
        assert "".join(shown.split()).strip("…") in "".join(text.split())
