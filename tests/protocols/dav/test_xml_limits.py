"""XML that is small and costs much is refused before it costs."""

import pytest

from files.errors import InvalidRequest
from protocols.dav.body import MAXIMUM_ATTRIBUTES, MAXIMUM_TAG, parse_xml

ATTRIBUTES = b" ".join(b'a%d=""' % number for number in range(60_000))


@pytest.mark.parametrize(
    "body",
    [
        b"<a " + ATTRIBUTES + b"/>",
        b"<a b='>' " + ATTRIBUTES + b"/>",
        b"<a>" + b'<b x="" y=""/>' * (MAXIMUM_ATTRIBUTES // 2 + 1) + b"</a>",
        b"<a b='" + b"x" * 4 * MAXIMUM_TAG + b"'/>",
    ],
    ids=["one element", "after a >", "many elements", "one value"],
)
def test_attributes(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_xml(body)


@pytest.mark.parametrize("text", ["x" * 900_000, "x\n" * 450_000, "&amp;" * 100_000, "é" * 400_000])
def test_long_texts_are_properties_like_others(text: str) -> None:
    root = parse_xml(f"<a>{text}</a>".encode())
    assert root.text == text.replace("&amp;", "&")


def test_sections_and_other_codings() -> None:
    assert parse_xml(b"<a><![CDATA[" + b"x" * 900_000 + b"]]></a>").text == "x" * 900_000
    coded = f"<?xml version='1.0' encoding='utf-16'?><a>{'x' * 300_000}</a>".encode("utf-16")
    assert parse_xml(coded).text == "x" * 300_000
