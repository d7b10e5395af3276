"""The live properties of RFC 4918 section 15 and RFC 4331."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from common.etags import file_etag
from files.downloads import media_types
from files.models import Space
from files.queries.usage import Usage, usage_of
from protocols.dav.escaping import escape
from protocols.dav.properties.locks import LOCKS
from protocols.dav.properties.registry import DAV, Context, Entry, Live, PropertySet

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(moment: Any) -> str:
    """A column's time (text in UTC, or aware) as RFC 9110 section 5.6.7 has it."""
    return _of_text(moment[:19]) if isinstance(moment, str) else _of_moment(moment.astimezone(UTC))


@lru_cache(4096)
def _of_text(text: str) -> str:
    return _of_moment(datetime.fromisoformat(text))


def _of_moment(m: datetime) -> str:
    time = f"{m.hour:02d}:{m.minute:02d}:{m.second:02d}"
    return f"{_DAYS[m.weekday()]}, {m.day:02d} {_MONTHS[m.month - 1]} {m.year:04d} {time} GMT"


def _creationdate(entry: Entry, context: Context) -> str:
    moment = entry.created_at
    text: str = moment if isinstance(moment, str) else moment.astimezone(UTC).isoformat()
    return f"{text[:10]}T{text[11:19]}Z"


def _displayname(entry: Entry, context: Context) -> str:
    return escape(entry.name)


def _getcontentlength(entry: Entry, context: Context) -> str | None:
    return str(entry.size) if entry.kind else None


def _getcontenttype(entry: Entry, context: Context) -> str | None:
    if not entry.kind:
        return None
    _, dot, extension = entry.name.rpartition(".")
    return _media_type(dot + extension) if dot else media_types.BINARY


@lru_cache(1024)
def _media_type(extension: str) -> str:
    """As GET has it."""
    return media_types.as_attachment(extension)


def _getetag(entry: Entry, context: Context) -> str:
    return file_etag(entry.pk, entry.version_id) if entry.kind else context.etag(entry)


def _getlastmodified(entry: Entry, context: Context) -> str:
    return http_date(entry.modified_at)


def _resourcetype(entry: Entry, context: Context) -> str:
    return "" if entry.kind else "<d:collection/>"


def _usage(space: Space, context: Context, *, of_team: bool = False) -> Usage:
    """One query for each account, whatever the number of pages: that of a mount is the other space's."""
    key = (usage_of, space.quota_id, space.team_id, of_team)
    if key not in context.memory:
        context.memory[key] = usage_of(space, of_team=of_team)
    found: Usage = context.memory[key]
    return found


def _quota_used(entry: Entry, context: Context) -> str | None:
    """Of the root of a space everything that the account holds, so that used and available are the limit. Not for
    somebody from whom some of that is hidden: what they see of it.
    """
    if entry.kind:
        return None
    there = context.entered(entry)
    whole = context.id_there(entry) == there.space.root_id and not there.access.hidden
    return str(_usage(there.space, context).used if whole else entry.size)


def _quota_available(entry: Entry, context: Context) -> str | None:
    if entry.kind:
        return None
    there = context.entered(entry)
    partly = not there.access.sees_all(there.space.root_id)
    free = _usage(there.space, context, of_team=partly).free
    return None if free is None else str(free)


STANDARD = PropertySet(
    [
        Live(DAV, "creationdate", _creationdate),
        Live(DAV, "displayname", _displayname),
        Live(DAV, "getcontentlength", _getcontentlength),
        Live(DAV, "getcontenttype", _getcontenttype),
        Live(DAV, "getetag", _getetag),
        Live(DAV, "getlastmodified", _getlastmodified),
        Live(DAV, "resourcetype", _resourcetype),
        *LOCKS,
        Live(DAV, "quota-used-bytes", _quota_used, in_allprop=False),
        Live(DAV, "quota-available-bytes", _quota_available, in_allprop=False),
    ]
)
