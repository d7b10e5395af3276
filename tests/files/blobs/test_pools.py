"""Which pool new bytes go to."""

from typing import Any

import pytest

from files import sql_rows
from files.blobs import pools
from files.errors import NoPool
from files.models import Pool, PoolState

pytestmark = pytest.mark.django_db


def test_the_first_write_makes_the_default_pool() -> None:
    assert pools.writable_pool().name == pools.DEFAULT_POOL
    assert pools.writable_pool() == Pool.objects.get()


def test_somebody_else_makes_it_between_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def select(*arguments: Any) -> list[Pool]:
        looks.append(1)
        if len(looks) == 1:
            Pool.objects.create(name=pools.DEFAULT_POOL)
            return []
        return original(*arguments)

    original = sql_rows.select
    monkeypatch.setattr(sql_rows, "select", select)
    assert pools.writable_pool() == Pool.objects.get()


def test_no_pool_that_takes_new_files() -> None:
    Pool.objects.create(name="old", state=PoolState.READ_ONLY)
    with pytest.raises(NoPool):
        pools.writable_pool()
