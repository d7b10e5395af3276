import codecs
import gzip
import random

import pytest

from search.text.decoding import decode

GERMAN = "Grüße aus Köln – „hübsch“, 3 €"
LATIN = "Grüße aus Köln, ein Text mit vielen Wörtern"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        (GERMAN.encode(), GERMAN),
        (codecs.BOM_UTF8 + GERMAN.encode(), GERMAN),
        (GERMAN.encode("utf-16"), GERMAN),
        (codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"), GERMAN),
        (GERMAN.encode("utf-32"), GERMAN),
        (
            "Grüße aus Köln, ein Text mit vielen Wörtern".encode("latin-1"),
            "Grüße aus Köln, ein Text mit vielen Wörtern",
        ),
        (b"form\x0cfeed \x1b[1mbold", "form\x0cfeed \x1b[1mbold"),
        (b"", ""),
        (b"%!PS-Adobe-3.0\n(words of a page) show", "%!PS-Adobe-3.0\n(words of a page) show"),
        (GERMAN.encode() + b" M\xfcller", GERMAN + " Müller"),
        (b"one \0 " + b"word " * 250, "one   " + "word " * 250),
    ],
)
def test_text(data: bytes, text: str) -> None:
    assert decode(data) == text


def test_a_character_cut_in_two_at_the_end() -> None:
    assert decode("ä".encode()[:1].rjust(5, b"x")) == "xxxx"
    assert decode("aä".encode("utf-16")[:-1]) == "a"


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"%PDF-1.7\n1 0 obj << >> endobj",
        b"PK\x03\x04 looks like text",
        gzip.compress(b"text " * 100, mtime=0),
        random.Random(1).randbytes(2000),
        b"text with a \x00 in it",
        b"\0".join([b"word" * 100] * 5),
        bytes(range(256)),
    ],
)
def test_not_text(data: bytes) -> None:
    assert decode(data) is None
