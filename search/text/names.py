"""The words that a file is found by when its name is typed, in whole or in parts."""

import unicodedata
from itertools import pairwise

from search.text.words import words_of

# Stands between the readings of a name, so that no phrase reaches from one into the next. A character for private
# use: nothing that words_of gives.
SEPARATOR = "\ue000"
MOST_STARTS = 12  # of words within words


def words_of_name(name: str) -> list[str]:
    """`XMLReader2.py`: as it is (`xmlreader2 py`); in its parts (`xml reader 2 py`), which people type with spaces;
    from each part on (`reader2 py`), because a word is found by its start, not by its middle.
    """
    words = words_of(name)
    name = unicodedata.normalize("NFC", name)
    starts = [place for place in range(1, len(name)) if _begins(name, place)][:MOST_STARTS]
    if not starts:
        return words
    edges = [0, *starts, len(name)]
    parts = [word for first, last in pairwise(edges) for word in words_of(name[first:last])]
    if parts == words:
        return words
    tails = [words_of(name[start:]) for start in starts]
    readings = [words, parts, *(tail for tail in tails if tail != parts[-len(tail) :])]
    return [word for reading in readings for word in (SEPARATOR, *reading)][1:]


def _begins(name: str, place: int) -> bool:
    """Whether a person sees a new word begin there although no sign separates it: `aB`, `ABc`, `a1`, `1a`."""
    before, char, after = name[place - 1], name[place], name[place + 1 : place + 2]
    if not before.isalnum() or not char.isalnum():
        return False
    if before.isdigit() != char.isdigit():
        return True
    return char.isupper() and (before.islower() or (before.isupper() and after.islower()))
