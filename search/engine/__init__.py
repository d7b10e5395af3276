"""Our own search engine for django-haystack: one engine, in the database that the files are in.

SQLite FTS5 or PostgreSQL full text, chosen by the database. `SEARCH_URL=sql:` selects it.
"""

from haystack.backends import BaseEngine

from search.engine.backend import SqlSearchBackend, SqlSearchQuery

__all__ = ["SqlEngine"]


class SqlEngine(BaseEngine):
    """Documents in the tables of search.models."""

    backend = SqlSearchBackend
    query = SqlSearchQuery
