"""After every act the books are right: sums, journal, ledger, objects. A refused one leaves no object behind."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from files.maintenance.fsck import run_fsck
from files.models import Pool


@pytest.fixture(autouse=True)
def _books_are_right(pool: Pool) -> Iterator[None]:
    yield
    found: list[object] = []
    run_fsck(hashes=True, grace=timedelta(0), on_finding=found.append)
    assert found == []
