"""common.signing: cursors that are signed, and those that nobody else can read."""

import base64
from typing import Any

import pytest
from django.core import signing

from common.signing import InvalidCursor, seal, unseal

VALUE = [7, 12345678901234567, [1, 2], ["a1b2c3d4", "größe"]]


def readable(cursor: str) -> bytes:
    """What somebody without the key makes of a cursor."""
    text = cursor.partition(":")[0].lstrip("~.")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("options", [{}, {"hide": True}])
def test_there_and_back(options: dict[str, bool]) -> None:
    cursor = seal(VALUE, purpose="p", **options)
    assert unseal(cursor, purpose="p") == VALUE
    assert seal(VALUE, purpose="p", **options) == cursor, "a client can compare two"
    with pytest.raises(InvalidCursor):
        unseal(cursor, purpose="q")


def test_what_is_hidden_cannot_be_read() -> None:
    assert b"a1b2c3d4" in readable(seal(VALUE, purpose="p"))
    hidden = seal(VALUE, purpose="p", hide=True)
    assert all(part not in readable(hidden) for part in (b"a1b2c3d4", b"12345678901234567"))
    assert seal(VALUE, purpose="q", hide=True) != hidden


def test_nothing_of_it_can_be_changed() -> None:
    hidden = seal(VALUE, purpose="p", hide=True)
    for at in range(1, len(hidden)):
        changed = hidden[:at] + ("A" if hidden[at] != "A" else "B") + hidden[at + 1 :]
        if readable(changed) != readable(hidden):  # the last character has bits that say nothing
            with pytest.raises(InvalidCursor):
                unseal(changed, purpose="p")
    for wrong in (
        "~",
        "~A",
        "~ü",
        "~" + "A" * 5000,
        hidden[:-4],
        hidden + "AAAA",
        hidden[1:],
        f"~{hidden}",
        "",
        ":",
        "~:",
    ):
        with pytest.raises(InvalidCursor):
            unseal(wrong, purpose="p")


def test_an_earlier_key_still_opens_it(settings: Any) -> None:
    old = settings.SECRET_KEY
    cursors = [seal(VALUE, purpose="p"), seal(VALUE, purpose="p", hide=True)]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [old]
    assert [unseal(cursor, purpose="p") for cursor in cursors] == [VALUE, VALUE]
    settings.SECRET_KEY_FALLBACKS = []
    for cursor in cursors:
        with pytest.raises(InvalidCursor):
            unseal(cursor, purpose="p")


def test_this_release_and_the_one_before_read_each_others() -> None:
    """That signs by `signing.dumps`. What is encrypted it refuses, as what is not valid."""
    assert unseal(signing.dumps(VALUE, salt="cursor:p"), purpose="p") == VALUE
    assert signing.loads(seal(VALUE, purpose="p"), salt="cursor:p") == VALUE
    with pytest.raises(signing.BadSignature):
        signing.loads(seal(VALUE, purpose="p", hide=True), salt="cursor:p")


def test_what_only_looks_signed() -> None:
    """The signature is right, and what it is of is nothing that we make."""
    for text in ("abc", "a:b:c", "W10", ":0", ""):
        with pytest.raises(InvalidCursor):
            unseal(signing.Signer(salt="cursor:p").sign(text), purpose="p")


def test_a_full_cursor_fits() -> None:
    """A home with a hundred mounts, of each of which something is hidden."""
    numbers = [10**17 + 7919 * pair for pair in range(200)]
    value = [10**17, 10**9, numbers, [f"{pair * 40503 % 2**32:08x}" for pair in range(101)]]
    assert unseal(seal(value, purpose="changes", hide=True), purpose="changes") == value
