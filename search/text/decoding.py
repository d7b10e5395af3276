"""From the first bytes of a file to its text, or to the verdict that it has none."""

import codecs
import re

MAXIMUM_BYTES = 4 * 1024 * 1024  # of a longer file the start is searched
MOST_ZEROS = 1_000  # one in so many bytes is an accident, more is a binary format
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark starts with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Formats whose start may look like text.
_SIGNATURES = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"{\\rtf", b"GIF8", b"Rar!")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_FOREIGN = re.compile("[\udc80-\udcff]")
_NOT_LATIN = re.compile(rb"[\x80-\x9f]")


def decode(data: bytes) -> str | None:
    """The text, or None for what is not text. `data` may end in the middle of a character."""
    if data.startswith(_SIGNATURES):
        return None
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _clean(_decode_start(data, encoding))
    if _CONTROL.search(data[:8192]) and len(_CONTROL.findall(data[:8192])) * 100 > len(data[:8192]):
        return None
    if data.count(0) * MOST_ZEROS > len(data):
        return None
    return _clean(_decode_start(data, "utf-8") or _mostly_utf8(data) or _latin(data))


def _decode_start(data: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=False)
    except UnicodeDecodeError:
        return None


def _mostly_utf8(data: bytes) -> str | None:
    """UTF-8 with a few foreign bytes in it (two files in one, a name in an old encoding): those alone are read as
    Windows-1252. In a text that is all Latin-1 next to nothing looks like UTF-8.
    """
    text = data.decode("utf-8", errors="surrogateescape")
    foreign = len(_FOREIGN.findall(text))
    if foreign * 2 > sum(not char.isascii() for char in text) or b"\0" in data:
        return None
    return _FOREIGN.sub(lambda found: found[0].encode("utf-8", "surrogateescape").decode("cp1252", "ignore"), text)


def _latin(data: bytes) -> str | None:
    """Windows-1252 is what "Latin-1" nearly always is; the few bytes that it lacks are dropped.

    Compressed or encrypted bytes are full of C1 bytes and controls; old prose has a few quotation marks there.
    """
    if len(_NOT_LATIN.findall(data)) * 20 > len(data):
        return None
    return data.decode("cp1252", errors="ignore")


def _clean(text: str | None) -> str | None:
    """PostgreSQL stores no NUL."""
    return text if text is None else text.replace("\0", " ")
