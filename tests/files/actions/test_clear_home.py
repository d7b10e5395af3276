"""files.actions.clear_home: nothing of a person's home is left, and nothing of anybody else's is touched."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files.actions import limits
from files.actions.clear_home import clear, clear_home
from files.actions.lock import LockOptions, lock_node
from files.actions.trash import remove_purged_rows, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.errors import Forbidden
from files.models import Node, NodeLock, Upload
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of
from tests.support.trees import bytes_at, home_of, ledger, put


def test_everything_goes_also_what_is_locked_trashed_or_unfinished(user: User, actor: Actor, stranger: User) -> None:
    put(actor, "folder/a", b"one")
    put(actor, "b", b"two")
    put(actor, "gone", b"three")
    trash_nodes(actor, node_ids=[locate_path(actor, "gone").node.pk])
    lock_node(actor, node_id=locate_path(actor, "folder/a").node.pk, options=LockOptions())
    open_upload(actor, wanted=UploadOptions(Target("unfinished"), length=10))
    put(actor_of(stranger), "kept", b"other")
    clear_home(user.pk)
    assert ledger(user) == Charge()
    remove_purged_rows()
    assert [node.pk for node in Node.objects.filter(space=home_of(user))] == [home_of(user).root_id]
    assert not NodeLock.objects.exists()
    assert not Upload.objects.exists()
    assert bytes_at(actor_of(stranger), "kept") == b"other"


def test_more_than_one_act_holds_and_once_more(user: User, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAXIMUM_NODES", 2)
    for number in range(5):
        put(actor, f"{number}")
    clear_home(user.pk)
    clear_home(user.pk)
    assert ledger(user) == Charge()


def test_who_has_no_home_has_nothing_to_clear(db: None) -> None:
    clear_home(10**9)


def test_a_space_is_cleared_by_the_system_alone(user: User, actor: Actor) -> None:
    put(actor, "a")
    lock_node(actor, node_id=locate_path(actor, "a").node.pk, options=LockOptions())
    for who in (actor, Actor()):
        with pytest.raises(Forbidden):
            clear(who, home_of(user))
    assert NodeLock.objects.exists()
