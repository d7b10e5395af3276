"""Secrets of tokens: how they are made, recognised and compared. And the epoch of an account.

Everything that was begun with a session or a password ends with the epoch. It changes with each change of the
password, by whichever way, and whenever `User.session_epoch` is raised (deactivation, the end of all sessions). Access
tokens do not depend on it: they are revoked one by one.
"""

import hashlib
import json
import re
import secrets
import string
from functools import lru_cache

PREFIX = "dbx_"
LENGTH = 40  # base62 characters after the prefix: 238 bits
FLOW_LENGTH = 64
HINT_LENGTH = 8
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{LENGTH}}}", re.ASCII)


def new_secret() -> str:
    return PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def looks_like_token(secret: str) -> bool:
    """Whether it can only be a token: such a "password" is never tried, counted or slowed as a password."""
    return _SHAPE.fullmatch(secret) is not None


def digest_of(secret: str) -> str:
    """SHA-256, hex. A fast hash is enough: nobody can guess 238 bits, and it is looked up by it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hint_of(secret: str) -> str:
    return secret[:HINT_LENGTH]


def new_flow_secret() -> str:
    """The secret of one step of a login flow: base62, 381 bits, safe in a URL."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(FLOW_LENGTH))


def scopes_of(stored: "str | list[str]") -> frozenset[str]:
    """From the column of the table: drivers give JSON as text or ready made."""
    return _parsed_scopes(stored) if isinstance(stored, str) else frozenset(stored)


@lru_cache(64)
def _parsed_scopes(stored: str) -> frozenset[str]:
    return frozenset(json.loads(stored))


def epoch_of(session_epoch: int, password_hash: str) -> str:
    """A name for the epoch that reveals nothing of the hash of the password."""
    return hashlib.sha256(f"{session_epoch}:{password_hash}".encode()).hexdigest()[:32]
