"""Between a path of this machine and a URL that names it (`file:///srv/files`): only here is one made of the other.

A path may hold every byte but NUL: `%`, `#`, `?`, newlines, bytes that are no UTF-8.
"""

import os
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes


def file_url(scheme: str, path: Path) -> str:
    """`path` is absolute; whatever is not a plain letter in it is percent-encoded."""
    return f"{scheme}:///{quote_from_bytes(os.fsencode(path)).lstrip('/')}"


def path_in(url_path: str) -> str:
    """The path that the path part of a URL names, percent-decoded: the inverse of `file_url`."""
    return os.fsdecode(unquote_to_bytes(url_path.encode("utf-8", "surrogateescape")))


def printable(path: "str | Path") -> str:
    """On one line, as it is where that is possible."""
    text = str(path)
    return text if text.isprintable() else repr(text)
