"""From the first bytes of a file to its text, or to the verdict that it has none."""

import codecs
import re

MAXIMUM_BYTES = 1024 * 1024  # of a longer file the first MiB is searched
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark starts with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Formats whose start may look like text.
_SIGNATURES = (b"%PDF-", b"%!PS", b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"{\\rtf", b"GIF8", b"Rar!")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
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
    if b"\0" in data:
        return None
    return _clean(_decode_start(data, "utf-8") or _latin(data))


def _decode_start(data: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=False)
    except UnicodeDecodeError:
        return None


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
