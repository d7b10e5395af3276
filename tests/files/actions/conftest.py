"""After every act the books are right: sums, journal, ledger, objects. A refused one leaves no object behind."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.maintenance.fsck import ledger, run_fsck
from files.models import Pool, Space
from tests.support.mounts import let_in, mounted_space
from tests.support.people import actor_of, make_member, make_user
from tests.support.shared_files import SharedFile, shared_file
from tests.support.trees import put


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


@pytest.fixture
def owner(pool: Pool) -> User:
    user = make_user("owner@example.com")
    user.membership.team.seats = 20
    user.membership.team.save()
    return user


@pytest.fixture
def them(owner: User) -> Actor:
    return actor_of(owner)


@pytest.fixture
def space(them: Actor) -> Space:
    made = mounted_space(them)
    put(them, "docs/a.txt", b"hello", space_id=made.pk)
    return made


@pytest.fixture
def closed_viewer(owner: User, them: Actor) -> User:
    """Of a closed space `Closed`, with a.txt in it."""
    member = make_member(owner, email="viewer@example.com")
    closed = mounted_space(them, "Closed", is_open=False)
    put(them, "a.txt", b"text", space_id=closed.pk)
    let_in(them, closed, member)
    return member
