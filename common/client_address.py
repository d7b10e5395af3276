"""Whose address a request came from, when proxies that we trust may stand in between."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def client_address(remote: str | None, forwarded_for: str, trusted: Sequence[Network]) -> str | None:
    """The address next to the outermost proxy that we trust; None when there is none (a Unix socket).

    `remote` is the peer of the connection, `forwarded_for` the X-Forwarded-For header ("" without one).
    Every proxy appends the peer that it saw, so the list is read from the right, skipping trusted
    addresses: what a client writes itself stands further left and is never reached. An entry that is no
    address ends the walk at the last good one.
    """
    nearest = parse_address(remote or "")
    if nearest is None or not _is_trusted(nearest, trusted):
        return None if nearest is None else str(nearest)
    for entry in reversed(forwarded_for.split(",")):
        address = parse_address(entry)
        if address is None:
            break
        nearest = address
        if not _is_trusted(address, trusted):
            break
    return str(nearest)


@lru_cache(4096)  # asked once or more for every request
def parse_address(text: str) -> Address | None:
    """An IPv4 or IPv6 address, also `1.2.3.4:567` and `[::1]:567`; IPv4 in IPv6 becomes IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


def is_trusted(remote: str | None, trusted: Sequence[Network]) -> bool:
    """Whether the peer of a connection is one of these networks."""
    address = parse_address(remote or "")
    return address is not None and _is_trusted(address, trusted)


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)
