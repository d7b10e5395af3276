"""Sizes and lifetimes as people type them on a command line."""

import re
from datetime import timedelta

MAXIMUM = 2**63 - 1  # bytes: what a database keeps in a BIGINT
_DECIMAL = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_BINARY = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40, "P": 2**50}
_SIZE = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)\s*([KMGTP]?)(I?)B?", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])", re.ASCII)
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def parse_size(text: str) -> int | None:
    """Bytes: 10GB is 10^10, 10GiB is 10 * 2^30; "none" is None. Raises ValueError with a clear sentence."""
    if text.strip().lower() in {"none", "unlimited"}:
        return None
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size: write for example 500MB, 10GB, 1TiB or none.")
    number, unit, binary = match[1], match[2].upper(), match[3]
    if binary and not unit:
        raise ValueError(f"{text!r} is not a size: write for example 500MB, 10GB, 1TiB or none.")
    size = int(float(number) * (_BINARY if binary else _DECIMAL)[unit])
    if size > MAXIMUM:
        raise ValueError(f"{text!r} is too large.")
    return size


def parse_duration(text: str) -> timedelta:
    """30d, 12h, 90m, 30s, 52w. Raises ValueError with a clear sentence."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is not a lifetime: write for example 12h, 30d or 52w.")
    lifetime = int(match[1]) * _UNITS[match[2]]
    if lifetime > timedelta(days=36500):
        raise ValueError(f"{text!r} is too long: at most 100 years.")
    return lifetime
