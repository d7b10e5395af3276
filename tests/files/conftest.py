"""A storage of its own for each test that asks for one."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from files.blobs.pools import storage_of, writable_pool
from files.models import Pool


@pytest.fixture
def pool(db: None, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Pool]:
    """An empty pool in memory, named after the test."""
    settings.STORAGE_URL = f"memory://{abs(hash(request.node.nodeid))}"
    pool = writable_pool()
    yield pool
    storage = storage_of(pool)
    storage.delete_many([info.key for info in storage.list()])
    storage.delete_many([info.key for info in storage.list(prefix="quarantine/")])
