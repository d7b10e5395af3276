import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.syntax import MAXIMUM_CHARACTERS, MAXIMUM_WORDS, Clause, parse


def test_words_and_the_last_one_as_a_start() -> None:
    typed = parse("annual rep")
    assert typed.wanted == (Clause(("annual",)), Clause(("rep",), prefix=True))
    assert typed.phrase == ("annual", "rep")


def test_quoted_phrases_are_whole() -> None:
    assert parse('"annual report"').wanted == (Clause(("annual", "report")),)
    assert parse("“annual report”").wanted == (Clause(("annual", "report")),)


def test_what_has_no_space_stays_together() -> None:
    assert parse("os.path.join x").wanted[0] == Clause(("os", "path", "join"))


def test_exclusions() -> None:
    typed = parse('report -draft -"first version" -ext:pdf')
    assert typed.wanted == (Clause(("report",)),)
    assert typed.unwanted == (Clause(("draft",)), Clause(("first", "version")))
    assert typed.not_extensions == ("pdf",)
    assert typed.phrase == ("report",)


def test_fields() -> None:
    typed = parse('name:report ext:.PDF name:"annual report" NAME:x')
    assert typed.wanted == (
        Clause(("report",), in_name=True),
        Clause(("annual", "report"), in_name=True),
        Clause(("x",), in_name=True),
    )
    assert typed.extensions == ("pdf",)


@pytest.mark.parametrize(
    "copied",
    [
        "max NaN9 -Inf ->",
        "python -m unittest",
        "grep --count foo -bar",
        "a - b",
        "x = -y",
        "class -sNaN of sNaN",
        'e"-mail"',
    ],
)
def test_minus_signs_of_copied_text_exclude_nothing(copied: str) -> None:
    assert parse(copied).unwanted == ()


def test_only_exclusions_find_nothing() -> None:
    assert parse("-draft").is_empty
    assert not parse("ext:pdf").is_empty


def test_short_and_single_words_are_no_starts() -> None:
    assert not parse("a").wanted[0].prefix
    assert not parse("中").wanted[0].prefix
    assert parse("ab").wanted[0].prefix


def test_long_input_is_cut() -> None:
    typed = parse("word " * 10_000)
    assert sum(len(clause.words) for clause in typed.wanted) == MAXIMUM_WORDS
    assert len(parse("a.b" * 5_000).wanted[0].words) <= MAXIMUM_WORDS


def test_long_input_is_not_cut_within_a_word() -> None:
    line = f"first {'-' * (MAXIMUM_CHARACTERS - 9)} second"
    assert parse(line).wanted == (Clause(("first",)),)


def test_copied_text_keeps_its_minus_signs() -> None:
    assert parse("tar -xzf archive").unwanted == (Clause(("xzf",)),)
    typed = parse("tar -xzf archive", is_copied=True)
    assert typed.unwanted == ()
    assert typed.phrase == ("tar", "xzf", "archive")


@given(st.text())
def test_never_an_error(text: str) -> None:
    typed = parse(text)
    assert all(clause.words for clause in typed.wanted + typed.unwanted)


@given(st.text(alphabet=" \"-:.()*^~abAND中🎉\0\ud800'\\nameext", max_size=60))
def test_never_an_error_with_signs(text: str) -> None:
    parse(text)
