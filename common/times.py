"""Times as clients write them."""

import re
from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime

_LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$", re.ASCII)  # the `+` of an offset that was not escaped
_SECONDS = re.compile(r"-?[0-9]{1,12}(\.[0-9]{0,30})?", re.ASCII)


def parse_rfc3339(text: str) -> datetime | None:
    """An aware time in UTC; without an offset it is UTC already. None for what is no time."""
    try:
        moment = parse_datetime(_LOST_PLUS.sub(r"\1+\2", text))
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_time(text: str) -> datetime | None:
    """RFC 3339, or seconds since 1970 with or without a fraction."""
    text = text.strip()
    if not _SECONDS.fullmatch(text):
        return parse_rfc3339(text)
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
