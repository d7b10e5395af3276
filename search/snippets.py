"""The piece of a text that shows why it was found, in segments of which some are matches."""

import re
from collections.abc import Sequence
from functools import lru_cache

from search.syntax import Typed
from search.text.words import fold, is_single

LENGTH = 240  # characters
LOOKED_AT = 400  # matches; the best place is nearly always among the first
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
    clauses = [(clause.words, clause.prefix) for clause in typed.wanted if not clause.in_name]
    if not text or not clauses:
        return []
    folded = text.lower() if text.isascii() else text.translate(_FOLDED)
    start = _place_of_phrase(folded, typed)
    if start is None:
        start = _best_place(folded, clauses)
    if start is None:
        return []
    first, last = _window(text, start)
    pattern = _pattern(tuple(clauses))
    return _segments(text[first:last], folded[first:last], pattern, cut=(first > 0, last < len(text)))


def _place_of_phrase(folded: str, typed: Typed) -> int | None:
    if len(typed.phrase) < 2:
        return None
    found = re.search(_words(typed.phrase, prefix=True), folded)
    return found.start() if found else None


def _best_place(folded: str, clauses: Sequence[tuple[tuple[str, ...], bool]]) -> int | None:
    """Where a window has the most different clauses; the first of those."""
    places: list[tuple[int, int]] = []
    for number, clause in enumerate(clauses):
        for count, found in enumerate(re.finditer(_words(*clause), folded)):
            if count == LOOKED_AT:
                break
            places.append((found.start(), number))
    places.sort()
    best, start = 0, None
    low = 0
    held: dict[int, int] = {}
    for high, (place, number) in enumerate(places):
        held[number] = held.get(number, 0) + 1
        while place - places[low][0] > LENGTH * 3 // 4:
            held[places[low][1]] -= 1
            low += 1
        score = sum(1 for count in held.values() if count)
        if score > best:
            best, start = score, places[low][0]
        if high == len(places):
            break
    return start


def _words(words: Sequence[str], prefix: bool) -> str:
    """The words with anything but words between them. Underscores separate words, as in search/text/words.py."""
    before = "" if is_single(words[0]) else r"(?<![^\W_])"
    after = "" if prefix or is_single(words[-1]) else r"(?![^\W_])"
    return before + _JOIN.join(map(re.escape, words)) + after


_JOIN = r"[\W_]{0,20}?"


@lru_cache(maxsize=64)
def _pattern(clauses: tuple[tuple[tuple[str, ...], bool], ...]) -> re.Pattern[str]:
    """All clauses; of a phrase each word by itself, too, so that punctuation between them stays as it is."""
    longest = sorted(clauses, key=lambda clause: -sum(map(len, clause[0])))
    return re.compile("|".join(_words(*clause) + (r"\w*" if clause[1] else "") for clause in longest))


def _window(text: str, start: int) -> tuple[int, int]:
    first = max(0, start - LENGTH // 4)
    last = min(len(text), first + LENGTH)
    while first > 0 and first > start - LENGTH // 2 and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and last < first + LENGTH * 5 // 4 and not text[last].isspace():
        last += 1
    return first, last


def _segments(text: str, folded: str, pattern: re.Pattern[str], *, cut: tuple[bool, bool]) -> list[Segment]:
    segments: list[Segment] = []
    end = 0
    for found in pattern.finditer(folded):
        if found.end() > found.start():
            segments += [(text[end : found.start()], False), (text[found.start() : found.end()], True)]
            end = found.end()
    segments.append((text[end:], False))
    result = [(re.sub(r"\s+", " ", part), is_match) for part, is_match in segments if part]
    before, after = cut
    return [*([("… ", False)] if before else []), *result, *([(" …", False)] if after else [])]
