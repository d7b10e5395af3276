"""Numbers as the pages show them."""

from datetime import timedelta

_DECIMAL = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"))
_BINARY = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_TIMES = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def size(count: int | None) -> str:
    """10_000_000_000 is `10 GB`, 65536 is `64 KiB`; None is `no limit`."""
    if count is None:
        return "no limit"
    for unit, name in (*_DECIMAL, *_BINARY):
        if count >= unit and count % unit == 0:
            return f"{count // unit:,} {name}"
    return f"{count:,} bytes"


def number(count: int) -> str:
    return f"{count:,}"


def duration(time: timedelta | float) -> str:
    """The largest unit that fits without a rest: `24 hours` is `1 day`, `90` is `90 seconds`."""
    seconds = round(time.total_seconds() if isinstance(time, timedelta) else time)
    unit, name = next((unit, name) for unit, name in _TIMES if seconds % unit == 0)
    count = seconds // unit
    return f"{count:,} {name}{'s' * (count != 1)}"
