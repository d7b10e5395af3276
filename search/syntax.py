"""What a person typed into the search box, understood. Whatever it is, it is never an error.

annual report            both words, the last one may be the start of a longer word
"annual report"          one after the other
os.path.join, my_name    likewise: what has no space in it stays together
-draft, -"first draft"   not these
name:report              in the name only
ext:pdf, -ext:pdf        files whose name ends that way
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.text.words import MAXIMUM_LENGTH, fold, is_single, words_of

MAXIMUM_CHARACTERS = 1_000
MAXIMUM_WORDS = 40
_SHORTEST_PREFIX = 2

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
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
    def has_fields(self) -> bool:
        return bool(self.extensions or self.not_extensions) or any(clause.in_name for clause in self.wanted)

    @property
    def is_empty(self) -> bool:
        """Nothing to look for: what is only unwanted finds nothing."""
        return not self.wanted and not self.extensions

    def __str__(self) -> str:
        return " ".join(" ".join(clause.words) for clause in self.wanted)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of what was typed; `minus` when it starts with one that may exclude, `foreign` when nobody writes like
    that to a search box: it was copied from a text, a program, a command line.
    """

    words: tuple[str, ...]
    scope: str = ""
    minus: bool = False
    foreign: bool = False
    prefix: bool = False


def parse(text: str, *, is_copied: bool = False) -> Typed:
    """Reads at most MAXIMUM_CHARACTERS and MAXIMUM_WORDS; never raises. `is_copied`: from a text, so that minus
    signs and `name:` are part of what it says.
    """
    parts = list(_parts(_shortened(clean(text)).translate(_QUOTES), has_fields=not is_copied))
    is_copied = is_copied or any(part.foreign for part in parts)
    plain = {part.words for part in parts if not part.minus}
    unwanted = [part for part in parts if part.minus and not is_copied and part.words not in plain]
    wanted = [part for part in parts if part.words and part not in unwanted]
    return Typed(
        tuple(Clause(part.words, part.prefix, part.scope == "name") for part in wanted if part.scope != "ext"),
        tuple(Clause(part.words, in_name=part.scope == "name") for part in unwanted if part.scope != "ext"),
        tuple(word for part in wanted if not part.scope for word in part.words),
        tuple(dict.fromkeys(part.words[-1] for part in wanted if part.scope == "ext")),
        tuple(dict.fromkeys(part.words[-1] for part in unwanted if part.scope == "ext")),
    )


def clean(text: str) -> str:
    """Without what no database takes: NUL, halves of surrogate pairs."""
    return text.encode("utf-8", "ignore").decode().replace("\0", " ")


def _shortened(text: str) -> str:
    """Not in the middle of a word, which nobody would find."""
    if len(text) <= MAXIMUM_CHARACTERS:
        return text
    start = text[:MAXIMUM_CHARACTERS]
    return start[: start.rfind(" ")] if " " in start else start


def extension(text: str) -> str:
    """`.TAR.GZ` is `gz`, as the index has it."""
    return fold(clean(text)).strip().rpartition(".")[2][:MAXIMUM_LENGTH]


def _parts(text: str, *, has_fields: bool) -> Iterator[_Part]:
    room = MAXIMUM_WORDS
    for found in _PART.finditer(text):
        quoted = found["quoted"] is not None
        value = found["quoted"] if quoted else found["plain"]
        scope = (found["field"] or "").lower() if has_fields else ""
        words = tuple(words_of(value if has_fields else found[0])[:room])
        if scope == "ext" and words:
            words = (extension(value),)
        signed = bool(found["minus"]) and _starts_word(found)
        minus = signed and bool(words) and (quoted or bool(scope) or _is_exclusion(value, words))
        prefix = found.end() == len(text) and not quoted and bool(words) and _may_be_start(words[-1])
        yield _Part(words, scope, minus, not words or (signed and not minus), prefix)
        room -= len(words)
        if room <= 0:
            return


def _starts_word(found: re.Match[str]) -> bool:
    """A minus sign excludes only at the start of a word: not in `e"-mail"`."""
    return found.start() == 0 or found.string[found.start() - 1].isspace()


def _is_exclusion(value: str, words: tuple[str, ...]) -> bool:
    """`-draft` excludes; `-m`, `--verbose` and `-1` are what people copy from a command line or from code."""
    return value[0].isalpha() and not (len(words) == 1 and len(words[0]) == 1 and words[0].isascii())


def _may_be_start(word: str) -> bool:
    return len(word) >= _SHORTEST_PREFIX and not is_single(word)
