"""common.content_disposition: any name at all, and nothing of it ends the header or its parameter (RFC 6266)."""

import re
from urllib.parse import unquote

import pytest

from common.content_disposition import content_disposition

_FORM = re.compile(r"attachment; filename=\"([ !#-\[\]-~]*)\"(?:; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]*))?")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a b (1).txt", "a b (1).txt"),
        ("ü.txt", "_.txt"),
        ("文字😀", "___"),
        ('say "hi".txt', "say _hi_.txt"),
        ("back\\slash", "back_slash"),
        ("100%25.txt", "100_25.txt"),
        ("a/b", "a_b"),
        ("a\r\nX-Evil: 1", "a__X-Evil: 1"),
        ("a\x7f\t", "a__"),
        ("report\n", "report_"),
        ("it's; filename=x", "it's; filename=x"),
        ("e\u0301 \u202egpj.exe", "e_ _gpj.exe"),
    ],
)
def test_the_name_comes_back_whole(name: str, plain: str) -> None:
    header = content_disposition(name)
    found = _FORM.fullmatch(header)
    assert found is not None, header
    assert found[1] == plain
    assert (found[2] is None) == (plain == name)
    assert unquote(found[2] or found[1], errors="strict") == name


def test_what_ends_a_parameter_is_escaped_in_both_forms() -> None:
    header = content_disposition("ü'*;,=\"()<>@:?[]{} %\r\n")
    assert header == (
        'attachment; filename="_\'*;,=_()<>@:?[]{} ___"; '
        "filename*=UTF-8''%C3%BC%27%2A%3B%2C%3D%22%28%29%3C%3E%40%3A%3F%5B%5D%7B%7D%20%25%0D%0A"
    )


def test_inline_is_said_and_not_remembered_for_the_other() -> None:
    assert content_disposition("a", inline=True) == 'inline; filename="a"'
    assert content_disposition("a") == 'attachment; filename="a"'
    assert content_disposition("ü", inline=True) == "inline; filename=\"_\"; filename*=UTF-8''%C3%BC"
