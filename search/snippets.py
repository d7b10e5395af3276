"""The piece of a text that shows why it was found, in segments of which some are matches."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from search.syntax import Clause, Typed
from search.text.words import fold, is_single

LENGTH = 240  # characters
LOOKED_AT = 200  # places a clause; the best one is nearly always among the first
TRIED = 5_000  # places where the first word of a phrase stands
Segment = tuple[str, bool]


class _Fold(dict[int, int]):
    """For str.translate: characters without case and accents where that is one character, so that places in the
    folded text are places in the text.
    """

    def __missing__(self, code: int) -> int:
        folded = fold(chr(code))
        self[code] = ord(folded) if len(folded) == 1 else code
        return self[code]


_FOLDED = _Fold()


def snippet(text: str, typed: Typed) -> list[Segment]:
    """Plain text in segments (text, whether it is a match): whoever shows it escapes it. Empty without a match."""
    clauses = [clause for clause in typed.wanted if not clause.in_name]
    if not text or not clauses:
        return []
    for folded in _foldings(text):
        for start in _starts(folded, typed, clauses):
            first, last = _window(text, start)
            cut = (first > 0, last < len(text))
            segments = _segments(text[first:last], _pattern(tuple(clauses)), cut=cut)
            if any(is_match for _, is_match in segments):
                return segments
    return []


def stands_in(typed: str, text: str) -> bool:
    """Whether the text has it as it was typed, signs and all, but for case and the kind of white space."""
    pieces = typed.lower().split()
    pattern = r"\s+".join(map(re.escape, pieces))
    return bool(pieces) and re.search(rf"(?<![\w-]){pattern}", text.lower()) is not None


def _foldings(text: str) -> Iterator[str]:
    """Lower case is nearly always enough, and a hundred times faster."""
    lower = text.lower()
    if len(lower) == len(text):
        yield lower
    if not text.isascii():
        yield text.translate(_FOLDED)


def _starts(folded: str, typed: Typed, clauses: Sequence[Clause]) -> Iterator[int]:
    """Where all that was typed stands together; then where the most different clauses are near each other."""
    if len(typed.phrase) > 1:
        yield from islice(_places(folded, Clause(typed.phrase, prefix=True)), 1)
    telling = [clause for clause in clauses if len(clause.words) > 1 or len(clause.words[0]) > 2] or clauses
    places = sorted(
        (place, number) for number, clause in enumerate(telling) for place in islice(_places(folded, clause), LOOKED_AT)
    )
    start = _densest(places)
    if start is not None:
        yield start


def _densest(places: Sequence[tuple[int, int]]) -> int | None:
    """`places` are (where, of which clause), in order."""
    best, start, low = 0, None, 0
    held: Counter[int] = Counter()
    for place, number in places:
        held[number] += 1
        while place - places[low][0] > LENGTH * 3 // 4:
            held[places[low][1]] -= 1
            if not held[places[low][1]]:
                del held[places[low][1]]
            low += 1
        if len(held) > best:
            best, start = len(held), places[low][0]
    return start


def _places(folded: str, clause: Clause) -> Iterator[int]:
    """Where the words stand one after the other. A plain search for the first word, and a closer look there: that is
    ten times faster than a regular expression that may start anywhere.
    """
    first = clause.words[0]
    pattern = _compiled(clause)
    place = folded.find(first)
    for _ in range(TRIED):
        if place < 0:
            return
        if pattern.match(folded, place):
            yield place
        place = folded.find(first, place + 1)


def _words(clause: Clause) -> str:
    """The words with anything but words between them. Underscores separate words, as in search/text/words.py."""
    before = "" if is_single(clause.words[0]) else r"(?<![^\W_])"
    after = "" if clause.prefix or is_single(clause.words[-1]) else r"(?![^\W_])"
    return before + _JOIN.join(map(re.escape, clause.words)) + after


_JOIN = r"[\W_]{0,40}?"


@lru_cache(maxsize=256)
def _compiled(clause: Clause) -> re.Pattern[str]:
    return re.compile(_words(clause))


@lru_cache(maxsize=64)
def _pattern(clauses: tuple[Clause, ...]) -> re.Pattern[str]:
    """Any of the clauses, the longest first; of a word that began as typed all of it."""
    longest = sorted(clauses, key=lambda clause: -sum(map(len, clause.words)))
    return re.compile("|".join(_words(clause) + (r"\w*" if clause.prefix else "") for clause in longest))


def _window(text: str, start: int) -> tuple[int, int]:
    first = max(0, start - LENGTH // 4)
    last = min(len(text), first + LENGTH)
    while first > 0 and first > start - LENGTH // 2 and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and last < first + LENGTH * 5 // 4 and not text[last].isspace():
        last += 1
    return first, last


def _segments(text: str, pattern: re.Pattern[str], *, cut: tuple[bool, bool]) -> list[Segment]:
    segments: list[Segment] = []
    end = 0
    for found in pattern.finditer(text.translate(_FOLDED)):
        if found.end() > found.start():
            segments += [(text[end : found.start()], False), (text[found.start() : found.end()], True)]
            end = found.end()
    segments.append((text[end:], False))
    result = [(re.sub(r"\s+", " ", part), is_match) for part, is_match in segments if part]
    before, after = cut
    return [*([("… ", False)] if before else []), *result, *([(" …", False)] if after else [])]
