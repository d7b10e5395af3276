"""What every format of a bulk body gives."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from common.errors import CodedError
from files.errors import InvalidRequest


@dataclass(slots=True)
class Part:
    """One file; `error` says why this one alone is refused."""

    path: str
    data: bytes
    modified_at: datetime | None = None
    checksums: dict[str, str] = field(default_factory=dict)
    error: CodedError | None = None


def broken(what: str) -> InvalidRequest:
    return InvalidRequest(f"The body is not valid: {what}.")


def moment(text: str) -> datetime:
    """RFC 3339 (without an offset: UTC), or seconds since 1970. Raises InvalidRequest."""
    try:
        if text.lstrip("-").replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(text), UTC)
        parsed = datetime.fromisoformat(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidRequest("A modification time is RFC 3339 or seconds since 1970.") from error
