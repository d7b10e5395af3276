"""Whose credentials these are, as threads have found out before: so that a request can be counted as its person's
before anybody has looked at its credentials again. It decides whose turn it is, and nothing else.
"""

import hashlib
import os
from collections import OrderedDict

MOST = 20_000  # credentials that are remembered
_KEY = os.urandom(32)  # what is kept says nothing of a token, nor to another process


def digest(credential: bytes) -> bytes:
    return hashlib.blake2b(credential, digest_size=16, key=_KEY).digest()


class Credentials:
    """Written by the thread that waits for all connections; others may ask."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._person: OrderedDict[bytes, int] = OrderedDict()

    def person_of(self, credential: bytes) -> int | None:
        """Their id. `credential` is a digest, b"" for a request without any."""
        return self._person.get(credential) if credential else None

    def learn(self, credential: bytes, person: int) -> None:
        self._person[credential] = person
        self._person.move_to_end(credential)
        while len(self._person) > self._most:
            self._person.popitem(last=False)
