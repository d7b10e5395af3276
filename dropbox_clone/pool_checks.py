"""Readiness of the storage pools that have a URL of their own, each by its name (`pool:archive`).

Any of them may be away without taking a replica out of a balancer: the others go on, and all replicas share it.
"""

import os
import time
from collections.abc import Callable

from django.db import connection

from files.blobs.pools import store_at
from files.models import Pool
from storage.local import LocalStorage

PREFIX = "pool:"
KEY = "00/00/readyz"  # that nothing has
REMEMBERED = 10.0  # seconds for which the list of pools is not read again

Checks = dict[str, Callable[[], None]]


class PoolChecks:
    """Which pools there are is known on while the database is away."""

    def __init__(self) -> None:
        self._found: Checks = {}
        self._read_at = float("-inf")

    def __call__(self) -> Checks:
        """Raises what the database raises."""
        if time.monotonic() - self._read_at > REMEMBERED:
            try:
                pools = Pool.objects.exclude(url="").order_by("pk").values_list("name", "url")
                self._found = {f"{PREFIX}{name}": _check(url) for name, url in pools}
                self._read_at = time.monotonic()
            finally:
                connection.close()
        return self._found

    @property
    def last(self) -> Checks:
        return self._found


def _check(url: str) -> Callable[[], None]:
    return lambda: check_pool(url)


def check_pool(url: str) -> None:
    """It answers whether it has an object; a folder is there and can be written. Raises what the storage raises."""
    storage = store_at(url)
    if isinstance(storage, LocalStorage):
        root = storage.local_path(KEY).removesuffix(KEY)
        if not os.access(root, os.R_OK | os.W_OK | os.X_OK):  # not made: a disk may be missing there
            raise OSError("the folder is missing or may not be written")
    else:
        storage.exists(KEY)
