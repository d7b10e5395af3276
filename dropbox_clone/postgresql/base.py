"""The backend: `close` gives the connection back to the pool, `connect` takes one from it."""

from typing import Any

from django.db.backends.postgresql import base

from dropbox_clone.postgresql.pool import Pool, pools


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS["pool_size"]`: the most connections that this process may have at a time."""

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        parameters.pop("pool_size", None)
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        return self._pool().take(lambda: super(DatabaseWrapper, self).get_new_connection(conn_params))

    def _close(self) -> None:
        if self.connection is not None:
            with self.wrap_database_errors:
                usable = not self.in_atomic_block and not self.errors_occurred
                self._pool().give_back(self.connection, usable=usable)

    def _pool(self) -> Pool:
        settings = self.settings_dict
        name = f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']} {settings['USER']}"
        return pools.of(name, int(settings["OPTIONS"].get("pool_size", 20)))
