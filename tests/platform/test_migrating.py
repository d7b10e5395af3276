"""A migration and a request that want the locks of two tables in opposite orders."""

import threading
import time
from collections.abc import Iterator

import psycopg2
import pytest
from django.db import OperationalError, connection, transaction

from dropbox_clone.postgresql.migrating import migrate_beside_requests

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time"),
]
TABLES = ("migrating_first", "migrating_second")


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    execute(*(f"CREATE TABLE {table} (id integer)" for table in TABLES))
    yield
    execute(*(f"DROP TABLE {table}" for table in TABLES))


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def other_session() -> psycopg2.extensions.connection:
    return psycopg2.connect(**{k: v for k, v in connection.get_connection_params().items() if k != "cursor_factory"})


def alter_both() -> None:
    first, second = TABLES
    with transaction.atomic():
        execute(f"ALTER TABLE {first} ADD COLUMN note text")
        time.sleep(0.5)  # whoever waits for the first one now looks for a deadlock before us
        execute(f"ALTER TABLE {second} ADD COLUMN note text")


def test_the_request_is_never_the_one_that_gives_way() -> None:
    errors: list[Exception] = []
    reads = threading.Event()

    def request() -> None:
        session = other_session()
        try:
            with session, session.cursor() as cursor:
                cursor.execute("SELECT * FROM migrating_second")
                reads.set()
                time.sleep(0.1)  # the migration has the first table and waits for the second
                cursor.execute("INSERT INTO migrating_first (id) VALUES (1)")
        except psycopg2.Error as error:
            errors.append(error)
        finally:
            session.close()

    attempts: list[int] = []

    def migrate() -> None:
        attempts.append(1)
        alter_both()

    for _ in range(3):
        reads.clear()
        thread = threading.Thread(target=request)
        thread.start()
        assert reads.wait(10)
        migrate_beside_requests(connection, migrate)
        thread.join(10)
        execute(*(f"ALTER TABLE {table} DROP COLUMN note" for table in TABLES))
    assert errors == []
    assert len(attempts) > 3, "the migration always had its locks at once: nothing was tried"


def test_a_lock_that_is_never_given_back_is_an_error() -> None:
    session = other_session()
    with session.cursor() as cursor:
        cursor.execute("SELECT * FROM migrating_second")
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate_beside_requests(connection, alter_both, patience=0)
    session.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_an_index_that_is_made_concurrently_waits_as_long_as_it_needs() -> None:
    session = other_session()
    with session.cursor() as cursor:
        cursor.execute("INSERT INTO migrating_first (id) VALUES (1)")
    threading.Timer(0.6, session.close).start()
    migrate_beside_requests(
        connection, lambda: execute("CREATE INDEX CONCURRENTLY migrating_index ON migrating_first (id)"), patience=0
    )
