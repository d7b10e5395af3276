"""The cursor of our SQLite backend is Django's in all that its users see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connections
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from dropbox_clone.sqlite.base import DatabaseWrapper, DirectCursor


@pytest.fixture
def database(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseWrapper]:
    settings = {**connections["default"].settings_dict, "ENGINE": "dropbox_clone.sqlite", "NAME": tmp_path / "db"}
    wrapper = DatabaseWrapper(settings, "other")
    with django_db_blocker.unblock():
        wrapper.ensure_connection()
        with wrapper.cursor() as cursor:
            cursor.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        yield wrapper
    wrapper.close()


def test_values_go_in_and_out(database: DatabaseWrapper) -> None:
    with database.cursor() as cursor:
        assert isinstance(cursor, DirectCursor)
        cursor.execute("INSERT INTO thing (name) VALUES (%s), (%s)", ["100%", None])
        assert cursor.rowcount == 2
        cursor.execute("SELECT name || '%%' FROM thing WHERE name LIKE %s", ["100%"])
        assert cursor.fetchone() == ("100%%",)
        cursor.execute("SELECT id FROM thing WHERE id = %(id)s", {"id": 1})
        assert cursor.fetchall() == [(1,)]
        cursor.executemany("INSERT INTO thing (name) VALUES (%s)", [["a"], ["b"]])
        cursor.execute("SELECT name FROM thing ORDER BY id")
        assert cursor.fetchmany(3) == [("100%",), (None,), ("a",)]
        assert list(cursor) == [("b",)]
    with pytest.raises(DatabaseError):
        cursor.execute("SELECT 1")  # it is closed


def test_errors_are_those_of_django(database: DatabaseWrapper) -> None:
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO thing (name) VALUES ('a')")
        with pytest.raises(IntegrityError, match="UNIQUE"):
            cursor.execute("INSERT INTO thing (name) VALUES ('a')")
        with pytest.raises(OperationalError, match="no such table"):
            cursor.execute("SELECT 1 FROM no_such")
        with pytest.raises(IntegrityError):
            cursor.executemany("INSERT INTO thing (name) VALUES (%s)", [["b"], ["a"]])


def test_nothing_runs_in_a_broken_transaction(database: DatabaseWrapper) -> None:
    database.in_atomic_block = database.needs_rollback = True
    with database.cursor() as cursor, pytest.raises(TransactionManagementError):
        cursor.execute("SELECT 1")
    database.in_atomic_block = database.needs_rollback = False


def test_who_watches_the_statements_sees_them(database: DatabaseWrapper) -> None:
    with CaptureQueriesContext(database) as captured, database.cursor() as cursor:
        assert not isinstance(cursor, DirectCursor)
        cursor.execute("SELECT 1")
    assert len(captured) == 1
    seen = []

    def watch(execute, sql, *rest):  # type: ignore[no-untyped-def]
        seen.append(sql)
        return execute(sql, *rest)

    with database.execute_wrapper(watch), database.cursor() as cursor:
        cursor.execute("SELECT 2")
    assert seen == ["SELECT 2"]
