"""Names and paths: kept as sent in NFC, and equal only when they are equal."""

import re
import unicodedata

MAXIMUM_NAME_UNITS = 255  # UTF-16 code units, as NTFS and APFS count: 765 bytes of UTF-8 at most
MAXIMUM_DEPTH = 100
MAXIMUM_PATH_BYTES = 16_384

# Embeddings, overrides, isolates and marks that turn the direction of text: by them a name looks like another one
# (`photo\u202egpj.exe` is shown as `photoexe.jpg`).
_TURNS_TEXT = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class InvalidName(ValueError):
    """`reason` is one of: empty, dot, slash, control, too_long, path_too_long, surrogate, not_utf8, too_deep,
    bidirectional. `limit` and `length` go with the three that are about a measure.
    """

    def __init__(self, reason: str, name: str, *, limit: int | None = None, length: int | None = None) -> None:
        super().__init__(f"{reason}: {name[:80]!r}")
        self.reason = reason
        self.name = name
        self.limit = limit
        self.length = length


def clean_name(name: str) -> str:
    """The name in NFC; raises InvalidName for what no node may be called."""
    if not name:
        raise InvalidName("empty", name)
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    if name in (".", ".."):
        raise InvalidName("dot", name)
    if "/" in name:
        raise InvalidName("slash", name)
    if "\0" in name:
        raise InvalidName("control", name)
    try:
        length = units(name)
    except UnicodeEncodeError as error:  # lone surrogates cannot be stored or sent
        raise InvalidName("surrogate", name.encode(errors="replace").decode()) from error
    if length > MAXIMUM_NAME_UNITS:
        raise InvalidName("too_long", name, limit=MAXIMUM_NAME_UNITS, length=length)
    return name


def turns_text(name: str) -> bool:
    """Whether it has characters that make it look like another name. What has such a name keeps it."""
    return not name.isascii() and _TURNS_TEXT.search(name) is not None


def units(name: str) -> int:
    """The length in UTF-16 code units. Raises UnicodeEncodeError for lone surrogates."""
    return len(name) if name.isascii() else len(name.encode("utf-16-le")) // 2


def folded(name: str) -> str:
    """What names have in common that differ only by case: `A.txt` and `a.txt`, `Maße` and `MASSE`.

    For searching, sorting and warning people; never for finding a file. Case folding can undo normalisation (U+0345
    and friends), so that the outcome is normalised once more.
    """
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def split_path(path: str) -> list[str]:
    """Clean names from a `/` separated path; empty segments (leading, trailing, doubled slashes) are dropped.

    Raises InvalidName for `.` and `..` too: a path is never resolved against anything.
    """
    if len(path) > MAXIMUM_PATH_BYTES:
        raise InvalidName("path_too_long", path, limit=MAXIMUM_PATH_BYTES, length=len(path))
    names = [clean_name(segment) for segment in path.split("/") if segment]
    if len(names) > MAXIMUM_DEPTH:
        raise InvalidName("too_deep", path, limit=MAXIMUM_DEPTH, length=len(names))
    return names


def join_path(names: list[str]) -> str:
    """`/a/b`; the root is `/`."""
    return "/" + "/".join(names)


def numbered_name(name: str, number: int) -> str:
    """`report (2).pdf`, `.profile (2)`, cut so that it stays within the limit of a name."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 16:
        stem, dot, extension = name, "", ""
    suffix = f" ({number}){dot}{extension}"
    return _cut(stem, MAXIMUM_NAME_UNITS - units(suffix)).rstrip() + suffix


def _cut(text: str, room: int) -> str:
    """As much of its beginning as `room` code units hold."""
    return text if units(text) <= room else text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", errors="ignore")
