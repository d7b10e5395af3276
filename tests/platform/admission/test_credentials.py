"""Whose turn it is, by the credentials of a request that nobody has looked at yet."""

from dropbox_clone.admission.heads import Credentials, digest, end_of_head, read_head


def credential_of(*fields: str) -> bytes:
    text = "GET / HTTP/1.1\r\n" + "".join(f"{field}\r\n" for field in fields) + "\r\n"
    received = bytearray(text.encode())
    return read_head(received, end_of_head(received), session_cookie=b"sessionid").credential


def test_the_header_decides_and_without_it_the_session() -> None:
    assert credential_of("Host: x") == b""
    assert credential_of("Authorization: Bearer one") == digest(b"Bearer one")
    assert credential_of("Cookie: sessionid=abc", "authorization: Bearer one") == digest(b"Bearer one")
    assert credential_of("Cookie: theme=dark; sessionid=abc; x=y") == digest(b"abc")
    assert credential_of("Cookie: notsessionid=abc") == b""


def test_nothing_is_known_before_it_was_learnt() -> None:
    known = Credentials(most=2)
    assert known.person_of(digest(b"a")) is None
    known.learn(digest(b"a"), 7)
    assert known.person_of(digest(b"a")) == 7
    assert known.person_of(b"") is None


def test_the_number_of_credentials_that_are_remembered_is_bounded() -> None:
    known = Credentials(most=2)
    for number in range(5):
        known.learn(digest(str(number).encode()), number)
    assert [known.person_of(digest(str(number).encode())) for number in range(5)] == [None, None, None, 3, 4]
