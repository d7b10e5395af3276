"""Forms with files as they arrive, in whatever pieces."""

from collections.abc import Iterable, Iterator

import pytest

from http_kit.errors import InvalidRequest, TooLarge
from http_kit.multipart import MAXIMUM_FIELD, MAXIMUM_HEADERS, boundary_of, parse_form

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="sender"\r\n\r\nAda \xc3\xbc\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: x/y\r\n\r\n'
    b"one\r\n--\r\n-b\r\n--c\r\n"
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="empty"\r\n\r\n\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n'
)
EXPECTED = [
    ("sender", None, "Ada ü".encode()),
    ("file", "a.bin", b"one\r\n--\r\n-b\r\n--c"),
    ("file", "empty", b""),
    ("file", "", b""),
]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_in_pieces_of_any_size(size: int) -> None:
    found = [(part.name, part.filename, b"".join(part.chunks)) for part in parse_form(pieces(FORM, size), b"b")]
    assert found == EXPECTED


def test_what_nobody_reads_is_skipped() -> None:
    assert [part.name for part in parse_form(pieces(FORM, 5), b"b")] == ["sender", "file", "file", "file"]
    assert [part.text() for part in parse_form([FORM], b"b") if part.filename is None] == ["Ada ü"]


def test_no_more_than_a_piece_is_held() -> None:
    def endless() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'
        for _ in range(100):
            yield b"x" * 1_000_000
        yield b"\r\n--b--"

    part = next(parse_form(endless(), b"b"))
    sizes = [len(chunk) for chunk in part.chunks]
    assert (sum(sizes), max(sizes) <= 1_000_100) == (100_000_000, True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk\r\n--b\r\n",
        FORM[:-5],
        FORM[:100],
        b"--b\r\nContent-Type: x\r\n\r\nx\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--b--\r\n',
    ],
)
def test_what_is_no_form(data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_all([data])


def read_all(chunks: Iterable[bytes]) -> list[str]:
    return [part.text() for part in parse_form(chunks, b"b")]


def test_bounds() -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="f"\r\n'
    for data in (b"X: " + b"x" * MAXIMUM_HEADERS + b"\r\n\r\nx", b"\r\n" + b"x" * (MAXIMUM_FIELD + 1)):
        with pytest.raises(TooLarge):
            read_all(pieces(head + data + b"\r\n--b--", 100))
    with pytest.raises(InvalidRequest):
        read_all(pieces(b"--b" + b"x" * 3 * MAXIMUM_HEADERS, 100))


def test_boundaries() -> None:
    assert boundary_of("multipart/form-data; boundary=----WebKitFormBoundaryAb1") == b"----WebKitFormBoundaryAb1"
    assert boundary_of('multipart/form-data; charset=utf-8; boundary="a b"') == b"a b"
    for wrong in (
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'x' * 71}",
    ):
        with pytest.raises(InvalidRequest):
            boundary_of(wrong)
