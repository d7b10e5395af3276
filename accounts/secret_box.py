"""Encryption of small secrets in the database (second factors), with a key made from SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def secret_box() -> MultiFernet:
    """Encrypts with SECRET_KEY, decrypts also with SECRET_KEY_FALLBACKS, so that the key can be rotated."""
    return MultiFernet([Fernet(_key(str(secret))) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"accounts.secret_box").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
