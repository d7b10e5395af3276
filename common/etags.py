"""Entity tags: what ours look like, and conditional requests (RFC 9110 section 13) on plain header values."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

_ETAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def file_etag(node_id: int, version_id: int | None) -> str:
    """Quoted and strong; changes with the version only.

    A listing of thousands of entries writes the same text in place (files.api.outputs.render.rows and
    protocols.dav.properties.standard): tests/architecture/test_one_rule.py holds them to this.
    """
    return f'"{node_id}.{version_id}"'


def folder_etag(node_id: int, seq: int | str) -> str:
    """Quoted and strong; `seq` is the last change of the folder or of anything below it."""
    return f'"{node_id}-{seq}"'


class Outcome(Enum):
    """What the conditions of a request say about it."""

    PROCEED = "proceed"
    NOT_MODIFIED = "not_modified"
    PRECONDITION_FAILED = "precondition_failed"


def parse_etags(header: str) -> list[str]:
    """The entity tags of an If-Match or If-None-Match header, as sent (with quotes, with W/); `*` is ["*"]."""
    if header.strip() == "*":
        return ["*"]
    return [match.group(0) for match in _ETAG.finditer(header)]


def matches_strongly(header: str, etag: str | None) -> bool:
    """If-Match: strong comparison. `etag` None means that there is no representation."""
    tags = parse_etags(header)
    return etag is not None and (tags == ["*"] or (etag in tags and not etag.startswith("W/")))


def matches_weakly(header: str, etag: str | None) -> bool:
    """If-None-Match: weak comparison."""
    tags = parse_etags(header)
    if etag is None:
        return False
    return tags == ["*"] or etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]


def evaluate(headers: "dict[str, str]", *, method: str, etag: str | None, modified: datetime | None) -> Outcome:
    """Precedence of RFC 9110 section 13.2.2. `headers` has lower-case names; only the four matter.

    `etag` is quoted and strong, None when the target does not exist; `modified` is aware.
    """
    if_match = headers.get("if-match")
    if if_match is not None:
        if not matches_strongly(if_match, etag):
            return Outcome.PRECONDITION_FAILED
    elif not _unmodified_since(headers.get("if-unmodified-since"), modified):
        return Outcome.PRECONDITION_FAILED
    reading = method in ("GET", "HEAD")
    if_none_match = headers.get("if-none-match")
    if if_none_match is not None:
        if matches_weakly(if_none_match, etag):
            return Outcome.NOT_MODIFIED if reading else Outcome.PRECONDITION_FAILED
    elif reading and modified is not None:
        since = parse_http_date(headers.get("if-modified-since"))
        if since is not None and modified.replace(microsecond=0) <= since:
            return Outcome.NOT_MODIFIED
    return Outcome.PROCEED


def range_applies(if_range: str | None, *, etag: str, modified: datetime | None) -> bool:
    """If-Range: whether Range is to be honoured (RFC 9110 section 13.1.5)."""
    if not if_range:
        return True
    if if_range.startswith(('"', "W/")):
        return if_range == etag
    date = parse_http_date(if_range)
    return date is not None and modified is not None and modified.replace(microsecond=0) == date


def parse_http_date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        parsed = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _unmodified_since(value: str | None, modified: datetime | None) -> bool:
    since = parse_http_date(value)
    return since is None or (modified is not None and modified.replace(microsecond=0) <= since)
