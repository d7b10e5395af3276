"""Opaque, tamper-proof cursors: a small JSON value signed for one purpose."""

from typing import Any

from django.core import signing


class InvalidCursor(ValueError):
    """Not ours, changed on the way, or made for another purpose."""


def seal(value: Any, *, purpose: str) -> str:
    return signing.dumps(value, salt=f"cursor:{purpose}", compress=False)


def unseal(text: str, *, purpose: str) -> Any:
    if len(text) > 4096:
        raise InvalidCursor("cursor is too long")
    try:
        return signing.loads(text, salt=f"cursor:{purpose}")
    except signing.BadSignature as error:
        raise InvalidCursor("cursor is not valid here") from error
