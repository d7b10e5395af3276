"""After every act the books are right: sums, journal, ledger, objects. A refused one leaves no object behind."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.actor import Actor
from files.maintenance.fsck import ledger, run_fsck
from files.models import Pool
from tests.support.people import actor_of
from tests.support.shared_files import SharedFile, shared_file


@pytest.fixture(autouse=True)
def _books_are_right(pool: Pool) -> Iterator[None]:
    yield
    found: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        # In the days after an upgrade, as in tests, fsck sets counts right and says nothing of it.
        patch.setattr(ledger, "_upgraded_lately", lambda: False)
        run_fsck(hashes=True, grace=timedelta(0), on_finding=found.append)
    assert found == []


@pytest.fixture
def world(pool: Pool) -> SharedFile:
    """For the tests of mounted files; tests of something else have a world of their own."""
    return shared_file()


@pytest.fixture
def editor(world: SharedFile) -> Actor:
    return actor_of(world.editor)


@pytest.fixture
def viewer(world: SharedFile) -> Actor:
    return actor_of(world.viewer)
