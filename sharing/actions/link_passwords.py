"""Trying the password of a link.

A guess takes a permit first, of the link and the network that it comes from, as decision 24 has it. So whoever guesses
slows down themselves and nobody else: neither other visitors of the link nor people who sign in from the same network.
"""

import json

from django.contrib.auth.hashers import check_password
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from accounts import throttle
from accounts.actor import Actor
from accounts.audit import record
from sharing import errors
from sharing.models import Link
from sharing.queries.link_access import find_link, proof_of, require_visitor

MAXIMUM_PASSWORD = 200  # characters
REMEMBERED = 60  # seconds
LINK_PASSWORD = throttle.Kind("link", by_address=True, apart=True)


def try_password(slug: str, visitor: Actor, *, password: str) -> str:
    """A proof of the password (`sharing.queries.link_access.proof_of`), to be shown to `open_link`. Empty for a link
    without a password. Not to be called in a transaction.

    Which passwords are right or wrong is remembered for a minute, since WebDAV clients send theirs with every request;
    a wrong one that is sent again is no further guess. Raises LinkPasswordWrong, TooManyAttempts, and what `open_link`
    raises before it asks for the password.
    """
    link = find_link(slug)
    require_visitor(link, visitor)
    if not link.has_password:
        return ""
    if len(password) > MAXIMUM_PASSWORD or not _is_text(password):
        raise errors.LinkPasswordWrong
    key = _cache_key(link, password)
    known = cache.get(key)
    if known is None:
        permit = throttle.take(LINK_PASSWORD, str(link.pk), address=visitor.address)
        known = check_password(password, link.password)
        cache.set(key, known, REMEMBERED)
        if known:
            permit.succeeded()
        else:
            _record_failure(link, visitor)
    if not known:
        raise errors.LinkPasswordWrong
    return proof_of(link)


def _record_failure(link: Link, visitor: Actor) -> None:
    """Once for a link and a network in a quarter of an hour: who guesses on says nothing new, and fills no table."""
    network = throttle.address_key(visitor.address or "")
    if cache.add(f"link-failed:{link.pk}:{network}", 1, timeout=int(throttle.WINDOW.total_seconds())):
        record(visitor, "link.failed", str(link.pk), of_team=link.node.space.team_id, node=link.node_id)


def _is_text(password: str) -> bool:
    """Whether it can be hashed: half of a surrogate pair cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in password)


def _cache_key(link: Link, password: str) -> str:
    """An HMAC over link, hash and password: the cache holds nothing by which one could guess, and a new one misses."""
    message = json.dumps([link.pk, link.password, password]).encode()
    return "link:" + salted_hmac("sharing.link_passwords", message, algorithm="sha256").hexdigest()
