"""Where bytes move to, in tests of upkeep."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from files.blobs.pools import storage_of
from files.models import Pool


@pytest.fixture
def other(pool: Pool, settings: Settings) -> Iterator[Pool]:
    """Where the bytes of `pool` go."""
    settings.MOVE_GRACE = timedelta(hours=1)
    other = Pool.objects.create(name="other", url=f"memory://other-{os.urandom(6).hex()}")
    yield other
    storage = storage_of(other)
    storage.delete_many([info.key for info in storage.list()])
