"""What a person typed into the search box, understood. Whatever it is, it is never an error.

    annual report            both words, the last one may be the start of a longer word
    "annual report"          one after the other
    os.path.join, my_name    likewise: what has no space in it stays together
    -draft, -"first draft"   not these
    name:report              in the name only
    ext:pdf, -ext:pdf        files whose name ends that way
"""

import re
from dataclasses import dataclass, field

from search.text.words import is_single, words_of

MAXIMUM_CHARACTERS = 1_000
MAXIMUM_WORDS = 40
_SHORTEST_PREFIX = 2

_QUOTES = str.maketrans({mark: '"' for mark in "“”„‟«»"} | {"\0": " "})
_PART = re.compile(r'(?P<minus>-?)(?:(?P<field>name|ext):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that stand one after the other. `prefix`: the last may be the start of a longer one."""

    words: tuple[str, ...]
    prefix: bool = False
    in_name: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """All of `wanted`, none of `unwanted`. `phrase` is all that was typed without signs, in its order.

    `extensions` without dots, folded; one of them (or none of `not_extensions`).
    """

    wanted: tuple[Clause, ...] = ()
    unwanted: tuple[Clause, ...] = ()
    phrase: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    not_extensions: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing to look for: what is only unwanted finds nothing."""
        return not self.wanted and not self.extensions

    def __str__(self) -> str:
        return " ".join(" ".join(clause.words) for clause in self.wanted)


@dataclass
class _Reading:
    wanted: list[Clause] = field(default_factory=list)
    unwanted: list[Clause] = field(default_factory=list)
    phrase: list[str] = field(default_factory=list)
    extensions: list[str] = field(default_factory=list)
    not_extensions: list[str] = field(default_factory=list)
    count: int = 0


def parse(text: str) -> Typed:
    """Reads at most MAXIMUM_CHARACTERS and MAXIMUM_WORDS; never raises."""
    clean = text[:MAXIMUM_CHARACTERS].encode("utf-8", "ignore").decode().translate(_QUOTES)
    reading = _Reading()
    for part in _PART.finditer(clean):
        _read(reading, part, is_last=part.end() == len(clean))
        if reading.count >= MAXIMUM_WORDS:
            break
    return Typed(
        tuple(reading.wanted),
        tuple(reading.unwanted),
        tuple(reading.phrase),
        tuple(dict.fromkeys(reading.extensions)),
        tuple(dict.fromkeys(reading.not_extensions)),
    )


def _read(reading: _Reading, part: re.Match[str], *, is_last: bool) -> None:
    quoted = part["quoted"] is not None
    value = part["quoted"] if quoted else part["plain"]
    scope = (part["field"] or "").lower()
    words = tuple(words_of(value)[: MAXIMUM_WORDS - reading.count])
    if not words:
        return
    reading.count += len(words)
    negated = bool(part["minus"]) and _starts_part(part) and (quoted or bool(scope) or _is_exclusion(value, words))
    if scope == "ext":
        (reading.not_extensions if negated else reading.extensions).append(words[-1])
        return
    if negated:
        reading.unwanted.append(Clause(words, in_name=bool(scope)))
        return
    prefix = is_last and not quoted and len(words[-1]) >= _SHORTEST_PREFIX and not is_single(words[-1])
    reading.wanted.append(Clause(words, prefix, in_name=bool(scope)))
    if not scope:
        reading.phrase.extend(words)


def _starts_part(part: re.Match[str]) -> bool:
    """A minus sign excludes only at the start of a word: not in `e"-mail"`."""
    return part.start() == 0 or part.string[part.start() - 1].isspace()


def _is_exclusion(value: str, words: tuple[str, ...]) -> bool:
    """`-draft` excludes; `-m`, `--verbose`, `->` and `-1` are what people copy from a command line or from code."""
    return value[0].isalpha() and not (len(words) == 1 and len(words[0]) == 1 and words[0].isascii())
