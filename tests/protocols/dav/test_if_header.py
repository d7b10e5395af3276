"""The grammar of the If header (RFC 4918 section 10.4)."""

import time

import pytest

from files.errors import InvalidRequest
from protocols.dav.if_header import Condition, ConditionList, only_etag, parse_if, tokens_in

A, B = Condition("urn:a", False, False), Condition("urn:b", False, False)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("(<urn:a>)", [ConditionList(None, (A,))]),
        (" ( <urn:a>  <urn:b> ) ", [ConditionList(None, (A, B))]),
        ("(<urn:a>)(<urn:b>)", [ConditionList(None, (A,)), ConditionList(None, (B,))]),
        ("(Not <urn:a>)", [ConditionList(None, (Condition("urn:a", False, True),))]),
        ("(not<urn:a>)", [ConditionList(None, (Condition("urn:a", False, True),))]),
        ('(["x"])', [ConditionList(None, (Condition('"x"', True, False),))]),
        ('(<urn:a> [W/"x"])', [ConditionList(None, (A, Condition('W/"x"', True, False)))]),
        ("</f> (<urn:a>) (<urn:b>)", [ConditionList("/f", (A,)), ConditionList("/f", (B,))]),
        ("</f> (<urn:a>) <http://h/g>(<urn:b>)", [ConditionList("/f", (A,)), ConditionList("http://h/g", (B,))]),
        ("(<DAV:no-lock>)", [ConditionList(None, (Condition("DAV:no-lock", False, False),))]),
    ],
)
def test_what_it_says(header: str, expected: list[ConditionList]) -> None:
    assert parse_if(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "()",
        "(",
        "(<urn:a>",
        "<urn:a>",
        "(<urn:a>) <urn:b>",
        "(<urn:a>) </f> (<urn:b>)",  # untagged and tagged productions do not mix
        "((<urn:a>))",
        "(Not Not <urn:a>)",
        "(Not)",
        "(<urn:a>) x",
        '("x")',
        "[x]",
        "(<urn:a)",
        "Not (<urn:a>)",
        "\x00",
    ],
)
def test_what_is_malformed(header: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_if(header)


@pytest.mark.parametrize(
    ("header", "etag"),
    [
        ('(["x"])', '"x"'),
        ('(<urn:a> ["x"])', '"x"'),
        ('(Not ["x"])', None),
        ('(["x"]) (["y"])', None),
        ('</f> (["x"])', None),
        ("(<urn:a>)", None),
    ],
)
def test_an_etag_that_must_hold(header: str, etag: str | None) -> None:
    assert only_etag(parse_if(header)) == etag


def test_all_tokens_are_submitted() -> None:
    assert tokens_in(parse_if('</f> (<urn:a> ["e"]) </g> (Not <urn:b>)')) == {"urn:a", "urn:b"}


@pytest.mark.parametrize("piece", ["(", "(Not ", "(<urn:a>)", '(["x"])', "<", "[", "Not "])
def test_long_headers_take_no_time(piece: str) -> None:
    started = time.process_time()
    try:
        parse_if(piece * 10_000)
    except InvalidRequest:
        pass
    assert time.process_time() - started < 1
