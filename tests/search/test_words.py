import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text.words import MAXIMUM_LENGTH, is_single, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("README.md", ["readme", "md"]),
        ("os.path.join(my_function)", ["os", "path", "join", "my", "function"]),
        ("camelCase HTTPServer", ["camelcase", "httpserver"]),
        ("v3.11.2-rc1 0x7f", ["v3", "11", "2", "rc1", "0x7f"]),
        ("Müller Ærø straße ΑΘΉΝΑ Ёлка", ["muller", "ærø", "strasse", "αθηνα", "елка"]),
        ("Mu\u0308ller", ["muller"]),
        ("中文搜索", ["中", "文", "搜", "索"]),
        ("がか", ["が", "か"]),
        ("ｶﾞ Ｆｕｌｌ", ["ガ", "full"]),
        ("한국어", ["한", "국", "어"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ﬁle №5", ["file", "no5"]),
        ("Gadget™ co\u00adoperation \ufeffstart", ["gadget", "cooperation", "start"]),
        ("party🎉time", ["party", "🎉", "time"]),
        ("", []),
        ("-- ... __ \t\n", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_long_words_are_cut() -> None:
    assert words_of("a" * 1000) == ["a" * MAXIMUM_LENGTH]


def test_single() -> None:
    assert is_single("中")
    assert is_single("が")
    assert not is_single("a")
    assert not is_single("é")
    assert not is_single("中文")


@given(st.text(max_size=200))
def test_words_are_safe_to_quote_and_stay_themselves(text: str) -> None:
    """The engines put words between quotation marks and spaces; nothing in a word may end either."""
    words = words_of(text)
    for word in words:
        assert word
        assert not any(sign in word for sign in " \"'\\:*()&|!<>\0\t\n")
    assert words_of(" ".join(words)) == words


@given(st.text(max_size=100))
def test_case_does_not_count(text: str) -> None:
    assert words_of(text.casefold()) == words_of(text)
