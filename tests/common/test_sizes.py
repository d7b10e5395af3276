"""Sizes and durations as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.sizes import parse_duration, parse_size


@given(st.text(max_size=30))
def test_sizes_and_durations_are_numbers_or_value_errors(text: str) -> None:
    for parse in (parse_size, parse_duration):
        try:
            parse(text)
        except ValueError:
            continue


@pytest.mark.parametrize(("text", "size"), [("10GB", 10**10), ("10GiB", 10 * 2**30), ("1.5k", 1500), ("none", None)])
def test_sizes(text: str, size: int | None) -> None:
    assert parse_size(text) == size
