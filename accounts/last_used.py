"""When a token was last used: written at most once a minute for each, and never waited for."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import OperationalError, connection
from django.db.models import Q

from accounts.models import AccessToken

PRECISION = timedelta(minutes=1)


def touch(token_id: int, now: datetime) -> None:
    """One conditional UPDATE. When a writer holds the database now, a later request does it instead."""
    rows = AccessToken.objects.filter(pk=token_id).filter(Q(last_used_at=None) | Q(last_used_at__lt=now - PRECISION))
    with suppress(OperationalError), _no_waiting():
        rows.update(last_used_at=now)


@contextmanager
def _no_waiting() -> Iterator[None]:
    """SQLite has one writer: do not queue behind it. Elsewhere nobody holds a token's row for long."""
    if connection.vendor != "sqlite":
        yield
        return
    patience = int(float(connection.settings_dict["OPTIONS"].get("timeout", 5)) * 1000)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")
