"""common.client_address: forged headers change nothing."""

from ipaddress import ip_network

import pytest

from common.client_address import client_address, parse_address

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("remote", "forwarded_for", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),  # not through a proxy of ours: forged
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the left one is the client's own invention
        ("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.9.9.9, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", "[2001:db8::5]:443", "2001:db8::5"),
        ("10.0.0.1", "203.0.113.9:5555", "203.0.113.9"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, ", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("", "203.0.113.9", None),
        (None, "", None),
    ],
)
def test_client_address(remote: str | None, forwarded_for: str, address: str | None) -> None:
    assert client_address(remote, forwarded_for, PROXIES) == address


def test_without_proxies_the_header_means_nothing() -> None:
    assert client_address("10.0.0.1", "1.2.3.4", []) == "10.0.0.1"


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "fe80::1%eth0", "[::1", "1.2.3.4:5:6"])
def test_what_is_no_address(text: str) -> None:
    assert parse_address(text) is None or text == "[::1"
