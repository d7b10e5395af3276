"""What the gate reads of a request before the parser does."""

import pytest

from dropbox_clone.admission.heads import ChunkScanner, EndpointKind, Head, end_of_head, is_hopeless, read_head


def head_of(*lines: str) -> Head:
    received = bytearray(("\r\n".join(lines) + "\r\n\r\nrest").encode("latin-1"))
    size = end_of_head(received)
    assert received[size:] == b"rest"
    return read_head(received, size, session_cookie=b"session")


def test_the_end_is_found_wherever_it_is_cut() -> None:
    whole = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody"
    for cut in range(len(whole)):
        received = bytearray(whole[:cut])
        looked_at = len(received)
        early = end_of_head(received)
        received += whole[cut:]
        assert end_of_head(received, 0 if early else looked_at) == whole.index(b"body")


@pytest.mark.parametrize(
    ("line", "endpoint"),
    [
        ("GET /healthz HTTP/1.1", EndpointKind.WATCH),
        ("GET /healthz?x=/api/ HTTP/1.1", EndpointKind.WATCH),
        ("PUT /api/v1/content/a HTTP/1.1", EndpointKind.STREAM),
        ("PUT /%61pi/v1/content/a HTTP/1.1", EndpointKind.STREAM),
        ("GET http://host:1/dav/x HTTP/1.1", EndpointKind.STREAM),
        ("POST /accounts/login/?next=/api/ HTTP/1.1", EndpointKind.PAGE),
        ("OPTIONS * HTTP/1.1", EndpointKind.PAGE),
        ("nonsense", EndpointKind.PAGE),
        ("GET  HTTP/1.1", EndpointKind.PAGE),
        ("\r\nGET /healthz HTTP/1.1", EndpointKind.WATCH),
    ],
)
def test_where_it_goes(line: str, endpoint: EndpointKind) -> None:
    assert head_of(line, "Host: a").endpoint is endpoint


@pytest.mark.parametrize(
    ("fields", "anonymous"),
    [
        (["Authorization: Bearer x"], False),
        (["aUTHORIZATION:x"], False),
        (["Cookie: a=b; session=1"], False),
        (["Cookie: sessions=1"], True),
        (["X-Authorization: Bearer x"], True),
        ([], True),
    ],
)
def test_who_shows_nothing_is_a_visitor(fields: list[str], anonymous: bool) -> None:
    assert head_of("GET / HTTP/1.1", "Host: a", *fields).anonymous is anonymous


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        (["Content-Length: 17"], 17),
        (["content-length:  17 "], 17),
        (["Transfer-Encoding: chunked"], None),
        (["Content-Length: 1", "Transfer-Encoding: chunked"], None),
        (["Content-Length: -1"], 0),
        (["Content-Length: " + "9" * 30], 0),
        (["X: Content-Length: 4"], 0),
    ],
)
def test_how_much_follows(fields: list[str], length: int | None) -> None:
    assert head_of("POST / HTTP/1.1", *fields).length == length


def test_what_proxies_say() -> None:
    head = head_of(
        "GET / HTTP/1.1", "X-Forwarded-For: 1.1.1.1, 2.2.2.2", "x-forwarded-for: 3.3.3.3", "Expect: 100-continue"
    )
    assert head.forwarded_for == "1.1.1.1, 2.2.2.2,3.3.3.3"
    assert head.waits_for_continue


def test_lines_without_carriage_returns_are_not_waited_for() -> None:
    assert is_hopeless(bytearray(b"GET / HTTP/1.1\nHost: a\n\n"))
    assert not is_hopeless(bytearray(b"GET / HTTP/1.1\r\nHost: a\r"))


CHUNKED = b'4\r\nWiki\r\nA;x="y"\r\n0123456789\r\n0\r\n\r\n'


def test_chunks_are_whole_at_their_end_and_not_before() -> None:
    for cut in range(len(CHUNKED)):
        scanner = ChunkScanner(3)
        received = bytearray(b"abc" + CHUNKED[:cut])
        assert not scanner.is_whole(received), cut
        received += CHUNKED[cut:]
        assert scanner.is_whole(received)
        assert scanner.length == 14


def test_a_trailer_belongs_to_the_body() -> None:
    scanner = ChunkScanner(0)
    received = bytearray(b"0\r\nX-A: b\r\n")
    assert not scanner.is_whole(received)
    received += b"\r\n"
    assert scanner.is_whole(received)


@pytest.mark.parametrize("body", [b"x\r\n", b"-1\r\n", b"\r\n", b"f" * 20 + b"\r\n", b"1" * 5000])
def test_what_is_no_chunk_is_for_the_parser_to_refuse(body: bytes) -> None:
    assert ChunkScanner(0).is_whole(bytearray(body))
