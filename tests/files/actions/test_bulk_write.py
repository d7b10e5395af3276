"""files.actions.bulk_write: many small files, one object, one transaction."""

import pytest

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from files import errors
from files.actions import bulk_write as module
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.write_file import Mode, WriteOptions
from files.models import Blob, Change
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.folders import chain_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put


def files(*paths: str, options: WriteOptions | None = None) -> list[SmallFile]:
    return [SmallFile(path, path.encode(), options or WriteOptions()) for path in paths]


def test_one_object_and_one_batch_in_the_journal(user: User, actor: Actor) -> None:
    folder = put(actor, "f/old").place.ancestors[-1].id
    base, puts = bulk_write(actor, folder=Target(parent_id=folder), files=files("a", "b/c", "b/d"))
    assert base.path == "/f"
    assert [chain_path(put.chain, put.node.name) for put in puts if put.node] == ["/f/a", "/f/b/c", "/f/b/d"]
    assert [bytes_at(actor, path) for path in ("f/a", "f/b/c", "f/b/d")] == [b"a", b"b/c", b"b/d"]
    assert Blob.objects.count() == 2
    assert ledger(user) == Charge(live=5 + 1 + 3 + 3)
    batches = Change.objects.exclude(batch=None).order_by("seq")
    assert [change.after_path for change in batches] == ["/f/b", "/f/a", "/f/b/c", "/f/b/d"]
    assert len({change.batch for change in batches}) == 1


def test_what_is_refused_is_refused_alone(actor: Actor) -> None:
    put(actor, "taken")
    wanted = [
        *files("taken", options=WriteOptions(Mode.CREATE)),
        *files("a/../b", "", "taken/x", "fine"),
        SmallFile("sum", b"x", WriteOptions(), {"md5": "0" * 32}),
        SmallFile("no/folder", b"x", WriteOptions(), make_folders=False),
    ]
    _, puts = bulk_write(actor, folder=Target(), files=wanted)
    assert [type(put.error) for put in puts] == [
        errors.NameTaken,
        errors.InvalidName,
        errors.InvalidName,
        errors.NotAFolder,
        type(None),
        errors.ChecksumMismatch,
        errors.ParentNotFound,
    ]
    assert journal_of(actor) == [("create", "/taken"), ("create", "/fine")]


def test_a_full_quota_refuses_all(user: User, actor: Actor) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=3)
    with pytest.raises(QuotaExceeded):
        bulk_write(actor, folder=Target(), files=files("a", "b", "cc"))
    assert journal_of(actor) == []
    bulk_write(actor, folder=Target(), files=files("a", "bb"))
    assert ledger(user) == Charge(live=3)


def test_limits_at_the_edge(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_FILES", 3)
    monkeypatch.setattr(module, "MAXIMUM_BYTES", 4)
    with pytest.raises(errors.TooMany):
        bulk_write(actor, folder=Target(), files=files("a", "b", "c", "d"))
    with pytest.raises(errors.TooLarge):
        bulk_write(actor, folder=Target(), files=files("a", "bb", "cc"))
    _, puts = bulk_write(actor, folder=Target(), files=files("a", "b", "cc"))
    assert all(put.error is None for put in puts)


def test_who_may_and_where(user: User, actor: Actor) -> None:
    file = put(actor, "file").node
    space = home_of(user).pk
    refuses_others(actor, lambda a: bulk_write(a, folder=Target(space_id=space), files=files("a")))
    with pytest.raises(errors.NotAFolder):
        bulk_write(actor, folder=Target(parent_id=file.pk), files=files("a"))
    with pytest.raises(errors.NotFound):
        bulk_write(actor, folder=Target(parent_id=10**9), files=files("a"))
    assert locate_path(actor, "").node.descendants == 1
