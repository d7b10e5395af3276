"""sharing.mentions: how people write a mention, and how it is kept."""

import pytest

from sharing.mentions import Piece, addresses_in, people_in, pieces_of, with_addresses, with_ids


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ada@example.com", {"ada@example.com"}),
        ("Hi @Ada@Example.com, and (@bob@example.com)!", {"ada@example.com", "bob@example.com"}),
        ("Ask @ada@example.com.", {"ada@example.com"}),
        ("mail ada@example.com", set()),
        ("x@ada@example.com", set()),
        ("@ada @@", set()),
        ("@user:42", set()),
        ("@" * 4_000, set()),
        ("@a" * 2_000, {"a@a"}),
    ],
)
def test_addresses(text: str, found: set[str]) -> None:
    assert addresses_in(text) == found


def test_people() -> None:
    assert people_in("@user:42, @user:7. x@user:8 @user:9x @users:1 @user:" + "1" * 20) == {42, 7, 9}


def test_there_and_back() -> None:
    text = "Hi @Ada@example.com. And @bob@example.com?"
    kept = with_ids(text, {"ada@example.com": 42})
    assert kept == "Hi @user:42. And @bob@example.com?"
    assert with_addresses(kept, {42: "ada@example.org"}) == "Hi @ada@example.org. And @bob@example.com?"
    assert with_addresses(kept, {}) == kept


def test_pieces() -> None:
    assert pieces_of("Hi @user:42!") == [Piece("Hi "), Piece("@user:42", 42), Piece("!")]
    assert pieces_of("plain") == [Piece("plain")]
    assert pieces_of("") == []
