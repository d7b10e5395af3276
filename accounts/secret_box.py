"""Encryption of small secrets in the database (second factors), with a key made from SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def secret_box() -> MultiFernet:
    """Encrypts with SECRET_KEY, decrypts also with SECRET_KEY_FALLBACKS, so that the key can be rotated."""
    return MultiFernet([Fernet(_key(str(secret))) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def is_of_today(sealed: str) -> bool:
    """Whether it opens with SECRET_KEY alone."""
    try:
        Fernet(_key(str(settings.SECRET_KEY))).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def reseal(sealed: str) -> str:
    """The same, sealed with SECRET_KEY. Raises InvalidToken when no key opens it."""
    return secret_box().rotate(sealed.encode()).decode()


def _key(secret: str) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"accounts.secret_box").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
