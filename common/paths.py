"""Names and paths: kept as sent in NFC, compared by casefold(NFC)."""

import unicodedata

MAXIMUM_NAME_BYTES = 255  # what ext4, APFS and NTFS have in common, near enough
MAXIMUM_DEPTH = 100
MAXIMUM_PATH_BYTES = 16_384


class InvalidName(ValueError):
    """`reason` is one of: empty, dot, slash, control, too_long, surrogate, not_utf8, too_deep."""

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(f"{reason}: {name[:80]!r}")
        self.reason = reason
        self.name = name


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
        length = len(name.encode())
    except UnicodeEncodeError as error:  # lone surrogates cannot be stored or sent
        raise InvalidName("surrogate", name.encode(errors="replace").decode()) from error
    if length > MAXIMUM_NAME_BYTES:
        raise InvalidName("too_long", name)
    return name


def name_key(name: str) -> str:
    """What makes two names one name in a folder: `A.txt` and `a.txt` have the same key.

    Case folding can undo normalisation (U+0345 and friends), so that the key is normalised once more.
    """
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def split_path(path: str) -> list[str]:
    """Clean names from a `/` separated path; empty segments (leading, trailing, doubled slashes) are dropped.

    Raises InvalidName for `.` and `..` too: a path is never resolved against anything.
    """
    if len(path) > MAXIMUM_PATH_BYTES:
        raise InvalidName("too_long", path)
    names = [clean_name(segment) for segment in path.split("/") if segment]
    if len(names) > MAXIMUM_DEPTH:
        raise InvalidName("too_deep", path)
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
    room = MAXIMUM_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + suffix
