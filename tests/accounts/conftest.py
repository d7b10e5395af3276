"""Every test starts with an empty cache: rate limits and remembered passwords live there."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()
