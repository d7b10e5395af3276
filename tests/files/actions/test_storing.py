"""files.actions.storing: what a refusal removes, what an error of the database leaves, and what a transaction did not
need.
"""

import pytest
from django.db import DatabaseError

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.actions import bulk_write as bulk
from files.actions import storing
from files.actions.bulk_write import SmallFile
from files.actions.storing import record_whole, removed_if_refused
from files.actions.write_file import WriteOptions
from files.blobs import ingest
from files.blobs.contents import Claimed, ContentVanished
from files.blobs.ingest import Stored
from files.blobs.pools import storage_of, writable_pool
from files.models import Blob, Pool
from files.queries.target import Target
from tests.support.trees import home_of


def stored_for(user: User, data: bytes = b"bytes") -> Stored:
    space = home_of(user)
    pool = writable_pool(space)
    return ingest.store(pool, [data], team_id=space.team_id, length=len(data), limit=len(data))


def is_there(pool: Pool, key: str | None) -> bool:
    return storage_of(pool).exists(key or "")


def test_a_refusal_removes_the_objects(user: User) -> None:
    first, second = stored_for(user, b"one"), stored_for(user, b"two")
    assert is_there(first.pool, first.key)
    with pytest.raises(errors.NameTaken), removed_if_refused(first.pool, first.key, second.key, None):
        raise errors.NameTaken
    assert not is_there(first.pool, first.key)
    assert not is_there(second.pool, second.key)


def test_an_error_of_the_database_removes_nothing(user: User) -> None:
    """It may have committed."""
    stored = stored_for(user)
    with pytest.raises(DatabaseError), removed_if_refused(stored.pool, stored.key):
        raise DatabaseError
    assert is_there(stored.pool, stored.key)
    ingest.discard(stored.pool, stored.key)


def test_what_a_transaction_did_not_need_is_removed(user: User, actor: Actor) -> None:
    stored = stored_for(user)
    claimed = Claimed({}, frozenset({str(stored.key)}))
    assert record_whole(actor, home_of(user), stored.pool, lambda: ("result", claimed)) == "result"
    assert not is_there(stored.pool, stored.key)


def test_what_has_vanished_is_tried_again_by_the_client(user: User, actor: Actor) -> None:
    def vanished() -> tuple[None, Claimed]:
        raise ContentVanished

    with pytest.raises(errors.Busy):
        record_whole(actor, home_of(user), writable_pool(home_of(user)), vanished)


def test_a_bulk_upload_that_is_refused_at_the_end_leaves_no_object(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when what it found in the store is gone: the books are counted after each test here."""

    def vanished(*_: object) -> Claimed:
        raise ContentVanished

    monkeypatch.setattr(storing.contents, "claim", vanished)
    files = [SmallFile(f"{number}.txt", b"%d" % number, WriteOptions()) for number in range(3)]
    with pytest.raises(errors.Busy):
        bulk.bulk_write(actor, folder=Target(""), files=files)
    assert not Blob.objects.exists()
