"""Opaque, tamper-proof cursors: a small JSON value signed for one purpose."""

from typing import Any

from django.core import signing


class InvalidCursor(ValueError):
    """Not ours, changed on the way, or made for another purpose."""


def seal(value: Any, *, purpose: str, compress: bool = False) -> str:
    return _signer(purpose).sign_object(value, compress=compress)


def unseal(text: str, *, purpose: str) -> Any:
    if len(text) > 4096:
        raise InvalidCursor("cursor is too long")
    try:
        return _signer(purpose).unsign_object(text)
    except signing.BadSignature as error:
        raise InvalidCursor("cursor is not valid here") from error


def _signer(purpose: str) -> signing.Signer:
    """Without the time: the same position is always the same text, so that a client can compare two."""
    return signing.Signer(salt=f"cursor:{purpose}")
