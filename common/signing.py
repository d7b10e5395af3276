"""Opaque, tamper-proof cursors: a small JSON value signed for one purpose, and encrypted where it says something that
its holder must not read.
"""

import base64
import binascii
import json
import zlib
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core import signing

MAXIMUM_LENGTH = 4096  # of a cursor, in characters
_HIDDEN = "~"  # begins what is encrypted; what is only signed has none


class InvalidCursor(ValueError):
    """Not ours, changed on the way, or made for another purpose."""


def seal(value: Any, *, purpose: str, hide: bool = False) -> str:
    """The same value is always the same text, so that a client can compare two. `hide`: nobody but us can read it."""
    if not hide:
        return _signer(purpose).sign_object(value)
    data = zlib.compress(json.dumps(value, separators=(",", ":")).encode())
    sealed = _box(str(settings.SECRET_KEY)).encrypt(data, [purpose.encode()])
    return _HIDDEN + base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(text: str, *, purpose: str) -> Any:
    """Of both kinds, whatever is hidden by now. Raises InvalidCursor."""
    if len(text) > MAXIMUM_LENGTH:
        raise InvalidCursor("cursor is too long")
    if text.startswith(_HIDDEN):
        return _unhidden(text.removeprefix(_HIDDEN), purpose)
    try:
        return _signer(purpose).unsign_object(text)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidCursor("cursor is not valid here") from error


def _unhidden(text: str, purpose: str) -> Any:
    """Also with an earlier key, as long as SECRET_KEY_FALLBACKS has it."""
    try:
        sealed = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise InvalidCursor("cursor is not valid here") from error
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            data = _box(str(secret)).decrypt(sealed, [purpose.encode()])
        except (InvalidTag, ValueError):
            continue
        return json.loads(zlib.decompress(data))
    raise InvalidCursor("cursor is not valid here")


@lru_cache(maxsize=8)
def _box(secret: str) -> AESSIV:
    """Encrypts and authenticates without a nonce: equal values stay equal texts, and that is all that they tell."""
    return AESSIV(HKDF(SHA256(), length=64, salt=None, info=b"common.signing").derive(secret.encode()))


class _Signer(signing.TimestampSigner):
    """Its texts are what `signing.dumps` makes and `signing.loads` reads, as the release before does: the two read each
    other's. But the time in them is always the same: nothing is told by it, and equal values are equal texts.
    """

    def timestamp(self) -> str:
        return "0"


def _signer(purpose: str) -> _Signer:
    return _Signer(salt=f"cursor:{purpose}")
