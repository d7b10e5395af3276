"""common.surrogates: what cannot be written as UTF-8."""

import pytest

from common.surrogates import has_half_pair


@pytest.mark.parametrize("text", ["", "Bücher", "\U0001f600", "\ud7ff\ue000", "\0"])
def test_whole(text: str) -> None:
    text.encode()
    assert not has_half_pair(text)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_half(text: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        text.encode()
    assert has_half_pair(text)
