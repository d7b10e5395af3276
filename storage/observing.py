"""Lets somebody above see how long every act on a storage takes. Nothing is wrapped until somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from time import perf_counter
from typing import Any

from storage.base import Storage, StorageError

Seen = Callable[[str, str, float, str], None]
"""(backend, operation, seconds, code of the error or "")"""

OPERATIONS = ("put", "open", "delete", "delete_many", "size", "copy", "quarantine", "release")


def watch(seen: Seen) -> None:
    """To be called once, before the process serves. `exists` is a question for the size."""
    for operation in OPERATIONS:
        method = getattr(Storage, operation)
        if not hasattr(method, "__wrapped__"):
            setattr(Storage, operation, _observed(method, operation, seen))


def _observed(method: Callable[..., Any], operation: str, seen: Seen) -> Callable[..., Any]:
    @wraps(method)
    def observed(self: Storage, *arguments: Any, **options: Any) -> Any:
        started, code = perf_counter(), ""
        try:
            return method(self, *arguments, **options)
        except StorageError as error:
            code = error.code
            raise
        except BaseException:
            code = "interrupted"  # what the input of `put` raised
            raise
        finally:
            seen(self.backend, operation, perf_counter() - started, code)

    return observed
