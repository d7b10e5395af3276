"""Percent-encoding of names in hrefs, twice as fast as urllib's: a listing has ten thousand of them."""

import re
import string

# Beside letters, digits and -._ what other servers leave as it is, since clients compare hrefs as text.
SAFE = string.ascii_letters + string.digits + "-._~()"
_TABLE = [chr(byte) if chr(byte) in SAFE else f"%{byte:02X}" for byte in range(256)]
_PLAIN = re.compile(r"[A-Za-z0-9\-._~()]*").fullmatch


def quoted(name: str) -> str:
    """One segment of a path: a slash in it is encoded too."""
    return name if _PLAIN(name) else "".join(map(_TABLE.__getitem__, name.encode()))


def quoted_path(path: str) -> str:
    """Without slashes at its ends."""
    return "/".join(map(quoted, path.strip("/").split("/")))
