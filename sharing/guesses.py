"""Opening a link for somebody whom nobody knows: whoever tries addresses that do not exist has to wait.

A token cannot be guessed (128 bits), but an address that its owner chose can. Unknown addresses are counted for each
network alone, and apart from guesses at anything else: whoever guesses slows down nobody but their own network.
"""

from accounts import throttle
from accounts.actor import Actor
from sharing import errors
from sharing.queries.link_access import OpenLink, open_link

FREE = 20  # unknown addresses of a network within the window of throttle.py that cost nothing
LINK_ADDRESS = throttle.Kind("link address", throttle.Pace(free=FREE, longest=60), by_address=True, apart=True)


def open_for(visitor: Actor, slug: str, *, proof: str = "") -> OpenLink:
    """As `open_link`, and raises TooManyAttempts. Not to be called in a transaction."""
    if visitor.address is not None:
        throttle.require_free(LINK_ADDRESS, "", address=visitor.address)
    try:
        return open_link(slug, visitor, proof=proof)
    except errors.LinkNotFound:
        if visitor.address is not None:
            throttle.take(LINK_ADDRESS, "", address=visitor.address)
        raise
