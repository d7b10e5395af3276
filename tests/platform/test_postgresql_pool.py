"""The pool of PostgreSQL connections, against a real server."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db.utils import OperationalError

from dropbox_clone.backends import database_settings
from dropbox_clone.configuration import read_configuration
from dropbox_clone.postgresql import pool as pool_module
from dropbox_clone.postgresql.base import DatabaseWrapper
from dropbox_clone.postgresql.pool import pools
from tests.servers.postgresql import PostgresqlServer

SIZE = 3


@pytest.fixture
def database(postgresql_server: PostgresqlServer) -> Iterator[dict[str, Any]]:
    url = f"{postgresql_server.url()}?pool_size={SIZE}"
    settings = database_settings(read_configuration({"DATABASE_URL": url, "SECRET_KEY": "k" * 40}).database)
    defaults = {
        "AUTOCOMMIT": True,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
        "ATOMIC_REQUESTS": False,
        "TEST": {},
    }
    yield {**defaults, **settings}
    pools.close()
    pools._pools.clear()


@pytest.fixture
def wrapper(database: dict[str, Any]) -> DatabaseWrapper:
    return DatabaseWrapper(database, "pooled")


def query(wrapper: DatabaseWrapper, sql: str = "SELECT pg_backend_pid()") -> Any:
    with wrapper.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def without_guard(django_db_blocker: Any) -> Iterator[None]:
    """These connections are not those of the test database."""
    with django_db_blocker.unblock():
        yield


def test_a_connection_is_used_again(wrapper: DatabaseWrapper) -> None:
    first = query(wrapper)
    wrapper.close()
    assert wrapper.connection is None
    assert query(wrapper) == first
    wrapper.close()


def test_an_open_transaction_is_never_handed_on(wrapper: DatabaseWrapper) -> None:
    query(wrapper, "SELECT 1")
    wrapper.set_autocommit(False)
    first = query(wrapper)
    wrapper.close()
    assert query(wrapper) != first
    assert wrapper.get_autocommit()
    wrapper.close()


def test_a_connection_that_the_server_closed_is_replaced(
    wrapper: DatabaseWrapper, postgresql_server: PostgresqlServer
) -> None:
    first = query(wrapper)
    wrapper.close()
    with psycopg2.connect(postgresql_server.url()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [first])
    time.sleep(0.2)
    assert query(wrapper) != first
    wrapper.close()


def test_there_are_never_more_than_the_size(database: dict[str, Any], postgresql_server: PostgresqlServer) -> None:
    seen: set[int] = set()
    failed: list[BaseException] = []
    most = 0

    def work() -> None:
        wrapper = DatabaseWrapper(database, "pooled")
        try:
            for _ in range(10):
                seen.add(query(wrapper))
                query(wrapper, "SELECT 1 FROM pg_sleep(0.005)")
                wrapper.close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    with psycopg2.connect(postgresql_server.url()) as other, other.cursor() as cursor:
        while any(thread.is_alive() for thread in threads):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dropbox_clone'")
            most = max(most, (cursor.fetchone() or (0,))[0])
    assert failed == []
    assert 1 <= most <= SIZE
    assert len(seen) <= SIZE


def test_waiting_ends_with_an_error(database: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "WAIT", 0.1)
    wrappers = [DatabaseWrapper(database, "pooled") for _ in range(SIZE + 1)]
    for wrapper in wrappers[:SIZE]:
        query(wrapper)
    with pytest.raises(OperationalError, match="all 3 database connections of this process were busy"):
        query(wrappers[SIZE])
    wrappers[0].close()
    query(wrappers[SIZE])
    for wrapper in wrappers:
        wrapper.close()


def test_a_failed_connection_gives_its_place_back(database: dict[str, Any]) -> None:
    wrong = DatabaseWrapper({**database, "PASSWORD": "x", "NAME": "nowhere"}, "pooled")
    for _ in range(SIZE + 2):
        with pytest.raises(OperationalError, match="nowhere"):
            query(wrong)
