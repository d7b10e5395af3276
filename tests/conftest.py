"""What all tests share.

The database is SQLite unless TEST_DATABASE_URL names another (`python -m tests.servers.postgresql pytest …`
starts one).
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck, settings

from accounts import at_once
from tests.servers.postgresql import PostgresqlServer
from tests.servers.prepared import copy_database

pytest_plugins = ["tests.support.fixtures"]

# Nothing is timed in tests: a machine that is busy with other groups is no fault of what is tried.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that use the database, by mark or by a fixture, run on PostgreSQL too; those of one action by itself only
    in the long groups, as all that an action asks for is tried there by others.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        mark = item.get_closest_marker("django_db")
        if mark is None and not fixtures & {"db", "transactional_db"}:
            continue
        item.add_marker("postgresql")
        is_race = "transactional_db" in fixtures or (mark is not None and mark.kwargs.get("transaction"))
        if item.path.parent.name == "actions" and not is_race:
            item.add_marker("action")


def pytest_collection_finish() -> None:
    """What is imported and collected lives as long as the run: the collector need not look through it each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """SQLite's test database begins as a copy of a migrated one; PostgreSQL's has a template (tests/settings.py)."""
    if connection.vendor != "sqlite":
        return False
    copy_database(Path(connection.settings_dict["TEST"]["NAME"]))
    return True


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A PostgreSQL of this session's own, for tests that need one outside Django's test database."""
    with PostgresqlServer.start() as server:
        yield server


@pytest.fixture(autouse=True)
def _forget_ids() -> None:
    """Rows that a test rolled back give their ids to the next test; what is kept under an id must go with them."""
    cache.clear()
    for places in (at_once.waits, at_once.zips, at_once.searches, at_once.listings):
        places.forget()
