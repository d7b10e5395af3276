"""`manage.py prepare` with a database that goes away in the middle."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from dropbox_clone.env import ConfigurationError
from dropbox_clone.management.commands import prepare


def test_what_ended_the_migration_is_told_and_not_what_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Cursor:
        def __enter__(self) -> "Cursor":
            return self

        def __exit__(self, *exception: object) -> None:
            pass

        def execute(self, sql: str, parameters: list[Any] | None = None) -> None:
            asked.append(sql)
            if "unlock" in sql:
                raise InterfaceError("cursor already closed")

    def ends(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection unexpectedly\n\tThis probably means")

    plan = SimpleNamespace(
        migration_plan=lambda nodes: [1], loader=SimpleNamespace(graph=SimpleNamespace(leaf_nodes=list))
    )
    for name in ("check_storage", "check_database", "check_cache", "check_broker", "check_mail"):
        monkeypatch.setattr(prepare.start_checks, name, lambda: None)
    monkeypatch.setattr(prepare, "MigrationExecutor", lambda _: plan)
    monkeypatch.setattr(
        prepare,
        "connection",
        SimpleNamespace(vendor="postgresql", cursor=Cursor, execute_wrapper=lambda _: nullcontext()),
    )
    monkeypatch.setattr(prepare, "call_command", ends)
    with pytest.raises(ConfigurationError, match=r"^DATABASE_URL: server closed the connection unexpectedly$"):
        prepare.Command().open_backends()
    assert [sql for sql in asked if "advisory" in sql][1:], "the lock is given back"
