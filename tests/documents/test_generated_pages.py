"""The error catalogue and the limits: the committed pages are what the code says, and every code has a remedy."""

from pathlib import Path

import pytest

from common.errors import CodedError
from dropbox_clone.admission import refusals
from dropbox_clone.configuration import configured_names
from dropbox_clone.reference import error_catalogue, limits
from dropbox_clone.reference.pages import pages
from dropbox_clone.reference.remedies import REMEDIES, remedy_of
from dropbox_clone.reference.sizes import duration, size
from http_kit.problem_table import TABLE
from protocols.dav import errors as dav_errors
from tests.support.pages import ROOT

assert dav_errors  # its classes are among those that are looked through


@pytest.mark.parametrize("path", list(pages()), ids=lambda path: path.name)
def test_the_committed_page_is_what_is_generated(path: Path) -> None:
    assert path.read_text() == pages()[path], f"run python -m dropbox_clone.reference ({path.relative_to(ROOT)})"


def test_no_code_is_without_a_remedy_and_none_is_stale() -> None:
    told = [code for codes in REMEDIES.values() for code in codes]
    assert len(told) == len(set(told)), "a code stands in two sections"
    assert set(told) == set(TABLE)


def every_class(kind: type[Exception]) -> set[type[Exception]]:
    return {kind, *(each for derived in kind.__subclasses__() for each in every_class(derived))}


def test_every_error_that_the_code_can_raise_is_in_the_catalogue() -> None:
    """Except preconditions of WebDAV, which are elements of its own responses and have no code outside of them."""
    kinds = [kind for kind in every_class(CodedError) if not kind.__module__.startswith(("protocols.", "tests."))]
    codes = {str(vars(kind).get("code", "")) for kind in kinds} - {""}
    assert codes | {refusal.code for refusal in refusals.EVERY} <= set(TABLE)


@pytest.mark.parametrize("code", sorted(TABLE))
def test_a_remedy_is_a_sentence(code: str) -> None:
    remedy = remedy_of(code)
    assert remedy[0].isupper() or remedy[0] == "`"
    assert remedy.endswith(".")
    assert "|" not in remedy
    assert all("|" not in message for message in error_catalogue.messages_of(code))


def test_limits_name_codes_and_settings_that_exist() -> None:
    text = limits.page()
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) > 50
    for _, _, beyond, setting in rows:
        for code in beyond.split("`")[1::2]:
            assert code in TABLE or code == "firstresult", beyond
        if "`" in setting:
            assert setting.strip(" `") in configured_names()


@pytest.mark.parametrize(
    ("count", "shown"),
    [(10_000_000_000, "10 GB"), (5 * 10**12, "5 TB"), (65536, "64 KiB"), (1000, "1,000 bytes"), (None, "no limit")],
)
def test_sizes_are_shown_in_the_unit_without_a_rest(count: int | None, shown: str) -> None:
    assert size(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(86400, "1 day"), (90, "90 seconds"), (600, "10 minutes"), (25.0, "25 seconds")]
)
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
