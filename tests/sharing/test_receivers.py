"""sharing.receivers: which addresses webhooks are sent to."""

import ipaddress
import socket
from typing import Any

import pytest
from pytest_django import Settings

from sharing.errors import InvalidRequest
from sharing.receivers import AddressRefused, Receiver, addresses_of, is_allowed, receiver_of

PRIVATE = [
    *("127.0.0.1", "127.255.0.1", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.0.170", "192.0.2.1", "198.51.100.7"),
    *("203.0.113.9", "198.18.0.1", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "2001::7f00:1", "2001:20::1", "2001:db8::1", "2002:7f00:1::"),
    *("3fff::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "ff02::1", "fd00:ec2::254"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1"]


@pytest.mark.parametrize("text", PRIVATE)
def test_private_ones_are_refused(text: str) -> None:
    assert not is_allowed(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_ones_are_allowed(text: str) -> None:
    assert is_allowed(ipaddress.ip_address(text))


def test_networks_that_an_operator_allows(settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = tuple(map(ipaddress.ip_network, ("10.1.0.0/16", "fd00::/8")))
    allowed = ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"]
    refused = ["10.2.0.1", "127.0.0.1", "::ffff:10.2.0.1", "fe80::1", "64:ff9b::a01:203"]
    assert [is_allowed(ipaddress.ip_address(text)) for text in allowed + refused] == [True] * 3 + [False] * 5


GOOD = {
    "https://example.com": Receiver(True, "example.com", 443, "/"),
    "https://example.com:8443/a/b?c=d&e": Receiver(True, "example.com", 8443, "/a/b?c=d&e"),
    "https://1.1.1.1/": Receiver(True, "1.1.1.1", 443, "/"),
    "https://[2606:4700::1111]/": Receiver(True, "2606:4700::1111", 443, "/"),
    "https://xn--bcher-kva.example./x": Receiver(True, "xn--bcher-kva.example.", 443, "/x"),
}


@pytest.mark.parametrize("url", GOOD)
def test_addresses_in_the_web(url: str) -> None:
    assert receiver_of(url) == GOOD[url]


BAD = [
    *("", "example.com", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "https://", "https:///x"),
    *("https://a b/", "https://exa\nmple.com/", "https://bücher.example/", "https://user:pw@example.com/"),
    *("https://@example.com/", "https://example.com/#part", "https://example.com\\@127.0.0.1/", "https://-x.com/"),
    *("https://example.com:22/", "https://example.com:99999/", "https://example.com:x/", "https://example.com:0/"),
    *("https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://LOCALHOST./", "https://169.254.169.254/"),
    *("https://[fe80::1%25eth0]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::a00:1]/", "gopher://x/"),
    "https://example.com/" + "a" * 2_000,
]


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_address_of_a_receiver(url: str) -> None:
    with pytest.raises(InvalidRequest):
        receiver_of(url)


def test_without_tls_where_an_operator_allows_it(settings: Settings) -> None:
    settings.WEBHOOK_HTTP, settings.WEBHOOK_PORTS = True, (443, 8080)
    assert receiver_of("http://example.com/").port == 80
    assert receiver_of("http://example.com:8080/").host_header == "example.com:8080"
    for url in ("http://example.com:81/", "https://example.com:80/"):
        with pytest.raises(InvalidRequest):
            receiver_of(url)


def looked_up(monkeypatch: pytest.MonkeyPatch, *texts: str) -> list[Any]:
    asked = list[Any]()

    def getaddrinfo(*args: Any, **_kwargs: Any) -> list[Any]:
        asked.append(args)
        if not texts:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 443)) for text in texts]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "texts",
    [
        *(["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["2606:4700::1111", "::1"], ["fe80::1%eth0"]),
        *(["169.254.169.254"], ["1.1.1.1"] * 9 + ["::ffff:10.0.0.1"]),
    ],
)
def test_a_name_that_leads_somewhere_private(texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up(monkeypatch, *texts)
    with pytest.raises(AddressRefused, match="address_refused"):
        addresses_of(receiver_of("https://example.com/"))


def test_names_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = looked_up(monkeypatch, "1.1.1.1", "1.1.1.1", "2606:4700::1111")
    found = addresses_of(receiver_of("https://example.com:8443/"))
    assert [str(address) for address in found] == ["1.1.1.1", "2606:4700::1111"]
    assert asked == [("example.com", 8443)]
    looked_up(monkeypatch)
    with pytest.raises(AddressRefused, match="name_unknown"):
        addresses_of(receiver_of("https://nowhere.example/"))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_other_ways_to_write_loopback(host: str) -> None:
    """The resolver of the machine knows them: what it finds is judged."""
    with pytest.raises(AddressRefused):
        addresses_of(receiver_of(f"https://{host}/"))
