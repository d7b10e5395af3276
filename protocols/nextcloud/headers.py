"""Headers of Nextcloud's clients as plain values."""

import re

from django.http import HttpRequest

from files.errors import InvalidRequest

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def number_of(request: HttpRequest, name: str) -> int | None:
    """A number of bytes; None when the header is not there. Raises InvalidRequest."""
    text = request.META.get("HTTP_" + name.upper().replace("-", "_"))
    if text is None:
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidRequest(f"{name} is not a number of bytes.")
    return int(text)
