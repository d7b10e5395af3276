"""accounts.names: one line that can be seen, in one normal form."""

import pytest

from accounts.errors import InvalidName
from accounts.names import clean_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Works \u00a0", "Works"),
        ("Cafe\u0301", "Café"),
        ("x" * 100, "x" * 100),
        ("e\u0301" * 100, "é" * 100),
        ("🏳️‍🌈", "🏳️‍🌈"),
        ("می‌خواهم", "می‌خواهم"),
        ("R&D <b>", "R&D <b>"),
    ],
)
def test_kept(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "blank"),
        (" \t\n\u2003", "blank"),
        ("\u200d\u200c", "blank"),
        ("\u3164\u2800", "blank"),
        ("\u0301", "blank"),
        ("x" * 101, "too_long"),
        ("a\nb", "character"),
        ("a\x00", "character"),
        ("a\u202eb", "character"),
        ("a\u2066b", "character"),
        ("a\u200eb", "character"),
        ("a\u200bb", "character"),
        ("a\u2028b", "character"),
        ("a\ud800", "character"),
        ("a\ufeffb", "character"),
    ],
)
def test_refused(given: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refused:
        clean_name(given)
    assert refused.value.detail["reason"] == reason
