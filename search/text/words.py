"""From text to the words that are indexed and looked up: one function for both, and for every database.

The databases get words that are final already (SQLite: split at spaces; PostgreSQL: a ready tsvector), so that the
same query finds the same files on both.

- Case and the accents of alphabets do not count: `Müller` is `muller`.
- A word is a run of letters and digits: `my_function`, `os.path.join` and `3.11.2` are several words, one after the
  other, and what is typed that way is looked up as a phrase.
- Scripts without spaces between words (Chinese, Japanese, Thai, ...) and Korean give one word per character, so that
  any part of a sentence is found, as a phrase.
- An emoji is a word.

`words_of_name`: a file is found by its name in whole or in parts. `marks_of`: which words are frequent in a text is
kept behind its words, so that a full-text index can be queried for it. An index that ranks by numbers of its own
would count everybody's documents; these marks are all that a document says about itself.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

MAXIMUM_LENGTH = 64  # characters; of a longer word (a hash, base64) the start counts

_SINGLE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"  # Hiragana, Katakana, Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\uac00-\ud7af"  # Hangul
    "\u2600-\u27bf\U0001f000-\U0001faff"  # emoji
)
# Vowel signs of Indic scripts are marks, not letters, and belong to their words.
_WORD = re.compile(rf"[{_SINGLE}]|(?:[^\W_{_SINGLE}]|[\u0900-\u0963\u0966-\u0dff])+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
# Accents of Latin, Greek and Cyrillic; vowel points of Hebrew and Arabic. Not those of Japanese: か is not が.
_ACCENTS = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06ed]+"
)
_INVISIBLE = re.compile("[\u00ad\u200d\u2060\ufeff]")  # soft hyphens, joiners: nobody types them
_MARKS = re.compile("[\u2120\u2122]")  # SM, TM: not letters of the name that they stand behind
_SINGLE_WORD = re.compile(rf"[{_SINGLE}]")
# Stands between the readings of a name, so that no phrase reaches from one into the next. A character for private
# use: nothing that words_of gives.
SEPARATOR = "\ue000"
MOST_STARTS = 12  # of words within words
TIERS = (3, 10)  # times
MOST_FREQUENT = 300  # words of a text, the most frequent: what comes often in a text is soon told


def fold(text: str) -> str:
    """Without case, accents and compatibility forms. May be longer or shorter than the text."""
    if text.isascii():
        return text.lower()
    text = _INVISIBLE.sub("", _MARKS.sub(" ", text))
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def words_of(text: str) -> list[str]:
    """In order, folded; none is longer than MAXIMUM_LENGTH, none has a space or ASCII punctuation in it."""
    folded = fold(text)
    found = _ASCII_WORD.findall(folded) if folded.isascii() else _WORD.findall(folded)
    return [word[:MAXIMUM_LENGTH] for word in found]


def is_single(word: str) -> bool:
    """Whether it is a character of a script that is looked up by character: no prefix of anything."""
    return len(word) == 1 and not word.isascii() and _SINGLE_WORD.fullmatch(word) is not None


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


def mark(word: str, tier: int) -> str:
    """What stands in the index for "`word` comes at least TIERS[tier] times". No word that anybody can type."""
    return f"{word}{SEPARATOR}{tier}"


def marks_of(words: Sequence[str]) -> list[str]:
    """Behind a separator, so that no phrase reaches into them; none when nothing comes often."""
    often = [(word, count) for word, count in Counter(words).most_common(MOST_FREQUENT) if count >= TIERS[0]]
    if not often:
        return []
    return [
        SEPARATOR,
        *(mark(word, tier) for word, count in often for tier, least in enumerate(TIERS) if count >= least),
    ]


def without_marks(words: str) -> str:
    """The words of a text, from what is kept of it."""
    return words.partition(f" {SEPARATOR} ")[0].strip()
