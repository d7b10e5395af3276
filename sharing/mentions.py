"""Mentions in the text of a comment: people write `@ada@example.com`, and what is kept is `@user:42`.

What is kept names an account, so that it stays right when an address changes, and says nothing of somebody whose
account has ended.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from common import ids

_ADDRESS = re.compile(r"(?<![\w.@])@([^\s@,;:<>()\[\]\"]{1,64}@[^\s@,;:<>()\[\]\"]{1,255})")
_PERSON = re.compile(rf"(?<![\w.@])@user:({ids.WRITTEN})(?![0-9])")
_AFTER = ".!?'…"  # ends a sentence, not an address


class Piece(NamedTuple):
    """A part of a text. `person` is the id of who is mentioned by it."""

    text: str
    person: int | None = None


def addresses_in(text: str) -> set[str]:
    """In lower case, as they are kept; whether anybody has them is for who asks."""
    return {_address(found) for found in _ADDRESS.finditer(text)}


def people_in(text: str) -> set[int]:
    return {int(found[1]) for found in _PERSON.finditer(text)}


def with_ids(text: str, people: Mapping[str, int]) -> str:
    """`people` are ids by address; other addresses stay as they were written."""

    def replaced(found: re.Match[str]) -> str:
        address = _address(found)
        return f"@user:{people[address]}{found[1][len(address) :]}" if address in people else found[0]

    return _ADDRESS.sub(replaced, text)


def with_addresses(text: str, addresses: Mapping[int, str]) -> str:
    """The other way round, for who edits it; ids that are nobody's stay."""

    def replaced(found: re.Match[str]) -> str:
        address = addresses.get(int(found[1]))
        return found[0] if address is None else f"@{address}"

    return _PERSON.sub(replaced, text)


def pieces_of(text: str) -> list[Piece]:
    """For a page: the text of a mention is its `@user:42`."""
    pieces, position = list[Piece](), 0
    for found in _PERSON.finditer(text):
        if found.start() > position:
            pieces.append(Piece(text[position : found.start()]))
        pieces.append(Piece(found[0], int(found[1])))
        position = found.end()
    if position < len(text):
        pieces.append(Piece(text[position:]))
    return pieces


def _address(found: re.Match[str]) -> str:
    return found[1].rstrip(_AFTER).lower()
