"""Which receivers of webhooks may be asked: rules about their addresses in the web, and about those of the network.

A name is looked up once for each request, and the connection goes to the very address that was judged: an answer that
changes between the look and the connection (DNS rebinding) changes nothing.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from sharing.errors import InvalidRequest
from sharing.models.webhook import MAXIMUM_URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_PORTS = {"https": 443, "http": 80}
MOST_ADDRESSES = 4  # of one name that are tried, one after the other
# Of IPv6 only what is given to networks (RFC 4291), so that neither translators and tunnels to IPv4 (NAT64, mapped,
# compatible) nor what is local is in it, less the special parts of it (RFC 6890 and its registry): protocols with
# Teredo and ORCHID, documentation, 6to4.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_SPECIAL_6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# Besides what the standard library knows: protocol assignments, and relays of 6to4.
_SPECIAL_4 = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?", re.ASCII)
_PRINTABLE = re.compile(r"[\x21-\x7e]+", re.ASCII)


class AddressRefused(Exception):
    """`code` says why, for the log of deliveries."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Receiver:
    """`path` begins with `/` and has the query."""

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        default = DEFAULT_PORTS["https" if self.is_secure else "http"]
        return shown if self.port == default else f"{shown}:{self.port}"


def receiver_of(url: str) -> Receiver:
    """Raises InvalidRequest with what is wrong. Names are not looked up: that is done when something is sent."""
    if len(url) > MAXIMUM_URL or not _PRINTABLE.fullmatch(url):
        raise InvalidRequest(_("An address has printable ASCII characters only, and at most 2,000 of them."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidRequest(_("This is no address of a receiver. It is like https://example.com/hook.")) from error
    scheme, host = parts.scheme, parts.hostname or ""
    if scheme not in DEFAULT_PORTS or not _is_host(host):
        raise InvalidRequest(_("This is no address of a receiver. It is like https://example.com/hook."))
    if scheme == "http" and not settings.WEBHOOK_HTTP:
        raise InvalidRequest(_("The address of a receiver begins with https://."))
    if "@" in parts.netloc or "#" in url or "\\" in url:
        raise InvalidRequest(_("The address of a receiver has no user name, password or fragment."))
    number = DEFAULT_PORTS[scheme] if port is None else port
    if number not in settings.WEBHOOK_PORTS and not (scheme == "http" and number == DEFAULT_PORTS["http"]):
        raise InvalidRequest(_("Webhooks are not sent to this port."))
    _refuse_literal(host)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Receiver(scheme == "https", host, number, path)


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return "%" not in host  # a zone of a link-local address


def _refuse_literal(host: str) -> None:
    """What can be said at once, so that nobody wonders. It is judged again when something is sent."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host.lower().rstrip(".") == "localhost" and not is_allowed(ipaddress.ip_address("127.0.0.1")):
            raise InvalidRequest(_("Webhooks are not sent to private addresses.")) from None
        return
    if not is_allowed(address):
        raise InvalidRequest(_("Webhooks are not sent to private addresses."))


def addresses_of(receiver: Receiver) -> list[Address]:
    """The addresses of its name, in the order in which to try them. One look-up. Raises AddressRefused
    (`name_unknown`, `address_refused`): also when only some of them are refused.
    """
    try:
        found = socket.getaddrinfo(receiver.host, receiver.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("name_unknown") from error
    texts = dict.fromkeys(str(place[0]) for *_kinds, place in found)
    addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in texts]
    if not addresses:
        raise AddressRefused("name_unknown")
    if any("%" in text for text in texts) or not all(map(is_allowed, addresses)):
        raise AddressRefused("address_refused")
    return addresses[:MOST_ADDRESSES]


def is_allowed(address: Address) -> bool:
    """Public ones, and those of settings.WEBHOOK_PRIVATE_ADDRESSES."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    plain = mapped or address
    if any(plain in network for network in settings.WEBHOOK_PRIVATE_ADDRESSES):
        return True
    return mapped is None and _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        return address in _UNICAST and not any(address in network for network in _SPECIAL_6)
    special = address.is_multicast or any(address in network for network in _SPECIAL_4)
    return address.is_global and not special
