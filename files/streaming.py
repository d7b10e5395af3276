"""What a request lets go of while bytes pass that may take hours."""

from django.db import connection


def release_connection() -> None:
    """The database connection of this thread: those of PostgreSQL are few, one of SQLite costs nothing to keep.

    The next query opens another one.
    """
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()
