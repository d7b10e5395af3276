"""Which words a name is found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from search.text.words import SEPARATOR, words_of, words_of_name
from tests.search.conftest import find, index
from tests.support.trees import put


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("README.md", ["readme md"]),
        ("XMLReader2.py", ["xmlreader2 py", "xml reader 2 py", "reader2 py"]),
        ("MyFoo_BarBaz.py", ["myfoo barbaz py", "my foo bar baz py", "foo barbaz py"]),
        ("Über GrößenTabelle", ["uber grossentabelle", "uber grossen tabelle"]),
        ("会议记录2024年.md", ["会 议 记 录 2024 年 md"]),
        ("हिन्दी.txt", ["हिन्दी txt"]),
        ("...", [""]),
    ],
)
def test_readings(name: str, readings: list[str]) -> None:
    assert " ".join(words_of_name(name)).split(f" {SEPARATOR} ") == readings


@given(st.text(max_size=255))
def test_the_name_as_it_is_comes_first_and_there_is_a_bound(name: str) -> None:
    words = words_of_name(name)
    assert words[: len(words_of(name))] == words_of(name)
    assert len(words) <= 20 * (len(name) + 1)
    assert all(word and " " not in word for word in words)


@pytest.mark.parametrize(
    "typed",
    [
        "QuarterlyReportFinal2023.xlsx",
        "quarterlyreportfinal2023",
        "Quarterly Report",
        "quarterly report final 2023",
        "ReportFinal",
        "reportFinal2023.xlsx",
        "Final2023",
        "2023 quarterly",
        "name:report",
        "repo",
    ],
)
def test_parts_of_a_name_in_camel_case(ada: Actor, typed: str) -> None:
    put(ada, "QuarterlyReportFinal2023.xlsx", b"-")
    put(ada, "quarter.txt", b"-")
    index()
    assert find(ada, typed) == ["/QuarterlyReportFinal2023.xlsx"]


def test_no_phrase_reaches_from_one_reading_into_the_next(ada: Actor) -> None:
    put(ada, "AbleBaker.txt", b"-")
    index()
    assert find(ada, '"able baker txt"') == find(ada, '"ablebaker txt"') == ["/AbleBaker.txt"]
    assert find(ada, '"txt able"') == []


def test_the_name_itself_before_names_that_have_it(ada: Actor) -> None:
    put(ada, "ReportData.txt.bak", b"-")
    put(ada, "ReportData.txt", b"-")
    put(ada, "MyReportData.txt", b"-")
    index()
    assert find(ada, "ReportData.txt")[0] == "/ReportData.txt"
    assert len(find(ada, "ReportData.txt")) == 3
