"""Object keys: `<2 hex>/<2 hex>/<name>`, and the same below `quarantine/`."""

import re

QUARANTINE = "quarantine/"
_NAME = r"[0-9a-f]{2}/[0-9a-f]{2}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_KEY = re.compile(_NAME, re.ASCII)
_ANY_KEY = re.compile(rf"(?:{QUARANTINE})?{_NAME}", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*", re.ASCII)


def is_key(key: str) -> bool:
    """Whether an object can be put under this key."""
    return _KEY.fullmatch(key) is not None and ".." not in key


def is_any_key(key: str) -> bool:
    """Whether this is a key, quarantined or not."""
    return _ANY_KEY.fullmatch(key) is not None and ".." not in key


def is_prefix(prefix: str) -> bool:
    """Whether keys can start like this; a prefix is only ever compared, never joined to a path."""
    return _PREFIX.fullmatch(prefix) is not None and ".." not in prefix


def quarantined(key: str) -> str:
    """Where an object goes that nobody refers to."""
    return QUARANTINE + key
