"""The end of a share as people choose it: the last day on which it holds."""

from datetime import datetime, timedelta

from django.utils.dateparse import parse_date
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext_lazy as _

from sharing.errors import InvalidRequest


def end_of(until: str) -> datetime | None:
    """The end of the day that somebody has chosen; None for no day. Raises InvalidRequest."""
    if not until:
        return None
    try:
        day = parse_date(until)
        after = None if day is None else day + timedelta(days=1)
    except (ValueError, OverflowError):
        after = None
    if after is None:
        raise InvalidRequest(_("That is no day."), parameter="until")
    return datetime(after.year, after.month, after.day, tzinfo=get_current_timezone())


def last_day(end: datetime | None) -> str:
    """The other way round, for the field."""
    return "" if end is None else (localtime(end) - timedelta(seconds=1)).date().isoformat()
