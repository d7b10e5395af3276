"""Rows that are remembered while the database has not changed are never older than the last commit of anybody."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from common.commit_cache import MAXIMUM, unchanged
from dropbox_clone.sqlite.base import DatabaseWrapper
from dropbox_clone.sqlite.wal_index import WalIndex

COUNTING = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
for line in sys.stdin:
    database.execute("UPDATE thing SET number = number + 1")
    print("committed", flush=True)
"""
TAKING = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error)
else:
    print("taken")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db"


@pytest.fixture
def database(path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseWrapper]:
    settings = {**connections["default"].settings_dict, "ENGINE": "dropbox_clone.sqlite", "NAME": path}
    settings["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"}
    wrapper = DatabaseWrapper(settings, "other")
    with django_db_blocker.unblock():
        wrapper.ensure_connection()
        with wrapper.cursor() as cursor:
            cursor.execute("CREATE TABLE thing (number INTEGER)")
            cursor.execute("INSERT INTO thing VALUES (0)")
        yield wrapper
    wrapper.close()


class Reader:
    def __init__(self, database: DatabaseWrapper) -> None:
        self.database, self.reads = database, 0

    def read(self) -> int:
        self.reads += 1
        with self.database.cursor() as cursor:
            cursor.execute("SELECT number FROM thing")
            return int(cursor.fetchone()[0])

    def number(self, **given: Any) -> int:
        return unchanged(self.database, ("number", id(self)), self.read, **given)


@pytest.fixture
def reader(database: DatabaseWrapper) -> Reader:
    return Reader(database)


def test_nothing_is_read_twice_while_nothing_changes(reader: Reader) -> None:
    assert [reader.number() for _ in range(5)] == [0] * 5
    assert reader.reads == 1
    assert [reader.number(also=second) for second in (1, 1, 2)] == [0] * 3
    assert reader.reads == 3


def test_a_commit_of_another_process_is_seen_at_once(path: Path, reader: Reader) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COUNTING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for number in range(1, 500):
            other.stdin.write("\n")
            other.stdin.flush()
            reader.number()  # at any moment of the other's transaction
            assert other.stdout.readline() == "committed\n"
            assert reader.number() == number


def test_own_commits_are_seen_at_once(database: DatabaseWrapper, reader: Reader) -> None:
    for number in range(1, 100):
        with database.cursor() as cursor:
            cursor.execute("UPDATE thing SET number = %s", [number])
        assert reader.number() == number


def test_a_transaction_sees_its_own_changes_and_tells_nobody(database: DatabaseWrapper, reader: Reader) -> None:
    assert reader.number() == 0
    database.set_autocommit(False)
    database.in_atomic_block = True
    with database.cursor() as cursor:
        cursor.execute("UPDATE thing SET number = 7")
    assert reader.number() == 7
    database.in_atomic_block = False
    database.rollback()
    database.set_autocommit(True)
    assert reader.number() == 0


def test_after_a_checkpoint_that_begins_the_log_anew(path: Path, reader: Reader) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    for number in range(1, 50):
        other.execute("UPDATE thing SET number = ?", [number])
        assert reader.number() == number
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert reader.number() == number
    other.close()


def test_two_databases_of_one_process(database: DatabaseWrapper, tmp_path: Path) -> None:
    settings = {**database.settings_dict, "NAME": tmp_path / "second"}
    second = DatabaseWrapper(settings, "second")
    second.ensure_connection()
    assert unchanged(database, "same", lambda: "first") == "first"
    assert unchanged(second, "same", lambda: "second") == "second"
    second.close()


def test_looking_at_the_index_does_not_drop_the_locks_of_sqlite(path: Path, database: DatabaseWrapper) -> None:
    """POSIX: closing any descriptor of a file drops all locks that the process holds on it."""
    database.set_autocommit(False)
    with database.cursor() as cursor:
        cursor.execute("UPDATE thing SET number = 1")
    for _ in range(10):
        index = WalIndex.of(str(path))
        assert index is not None
        assert index.mark()
        del index
    taken = subprocess.run([sys.executable, "-c", TAKING, str(path)], capture_output=True, text=True, check=True)
    assert taken.stdout == "database is locked\n"
    database.rollback()
    database.set_autocommit(True)


def test_it_does_not_grow_for_ever(database: DatabaseWrapper) -> None:
    for number in range(2 * MAXIMUM):
        assert unchanged(database, ("grows", number), partial(int, number)) == number


def test_without_an_index_everything_is_read(tmp_path: Path) -> None:
    assert WalIndex.of(str(tmp_path / "none")) is None
    (tmp_path / "odd-shm").write_bytes(b"another format" * 10)
    assert WalIndex.of(str(tmp_path / "odd")) is None
