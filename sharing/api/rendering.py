"""Plain values as REST has them everywhere: ids are strings, times RFC 3339 in UTC."""

from datetime import UTC, datetime
from typing import Any

from accounts.models import User

Json = dict[str, Any]


def time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def text_id(value: int | None) -> str | None:
    return None if value is None else str(value)


def person(user: User | None) -> Json | None:
    return None if user is None else {"id": str(user.pk), "name": user.name or user.email}
