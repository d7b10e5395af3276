"""The backend: `close` gives the connection back to the pool, `connect` takes one from it."""

from time import perf_counter
from typing import Any

import psycopg2.extensions
from django.db.backends.postgresql import base

from dropbox_clone.metrics import events
from dropbox_clone.postgresql import waiting
from dropbox_clone.postgresql.pool import Pool, pools

# Of connections of the web server only (gunicorn_conf.py): a migration or a check of everything may take its time. A
# replica that is frozen in the middle of a transaction gives up its locks.
SERVING = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=15s"
_serving = False


def serve() -> None:
    """This process answers requests: its statements have a limit from now on."""
    global _serving  # noqa: PLW0603 (a fact about this process)
    _serving = True


class TimedCursor(psycopg2.extensions.cursor):
    """Each statement is a journey to the server; its time is worth a note."""

    def execute(self, query: Any, vars: Any = None) -> None:
        started = perf_counter()
        super().execute(query, vars)
        events.note(("database", "statement", perf_counter() - started))


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS["pool_size"]`: the most connections that this process may have at a time."""

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        parameters.pop("pool_size", None)
        parameters["cursor_factory"] = TimedCursor
        if _serving:
            parameters["options"] = f"{SERVING} {parameters.get('options', '')}".strip()
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        waiting.install()
        return self._pool().take(lambda: super(DatabaseWrapper, self).get_new_connection(conn_params))

    def _close(self) -> None:
        if self.connection is not None:
            with self.wrap_database_errors:
                usable = not self.in_atomic_block and not self.errors_occurred
                self._pool().give_back(self.connection, usable=usable)

    def _pool(self) -> Pool:
        settings = self.settings_dict
        name = f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']} {settings['USER']}"
        server = waiting.server_at(settings["HOST"].split(",")[0], int(settings["PORT"] or 5432))
        return pools.of(name, int(settings["OPTIONS"].get("pool_size", 20)), lambda: server.away)
