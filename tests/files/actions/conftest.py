"""After every act the books are right: sums, journal, ledger, objects. A refused one leaves no object behind."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from files.maintenance.fsck import run_fsck
from files.maintenance.fsck.ledger import recount
from files.models import Pool


@pytest.fixture(autouse=True)
def _books_are_right(pool: Pool) -> Iterator[None]:
    yield
    found: list[object] = []
    assert recount() == 0  # fsck counts again by itself in the days after an upgrade, and so in tests
    run_fsck(hashes=True, grace=timedelta(0), on_finding=found.append)
    assert found == []
