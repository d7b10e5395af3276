"""files.actions.trash.purge_items: out of the trash for good; the rows go in the background."""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files import errors
from files.actions import limits, trash
from files.actions.trash import empty_trash, purge_items, remove_purged_rows, restore_items, trash_nodes
from files.models import Node, TrashItem, Version
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import journal_of, ledger, put


def trashed(actor: Actor, path: str) -> int:
    (item,) = trash_nodes(actor, node_ids=[locate_path(actor, path).node.pk])
    return item.pk


def test_its_bytes_are_given_back_at_once(user: User, actor: Actor) -> None:
    put(actor, "d/a", b"one")
    put(actor, "d/a", b"three")
    put(actor, "kept", b"k")
    item = trashed(actor, "d")
    assert purge_items(actor, item_ids=[item]) == 1
    assert ledger(user) == Charge(live=1)
    assert journal_of(actor)[-1] == ("purge", "/d")
    for act in (purge_items, restore_items):
        with pytest.raises(errors.NotFound):
            act(actor, item_ids=[item])


class Killed(Exception): ...


def dying_after(calls: int, act: Callable[[list[int]], int]) -> Callable[[list[int]], int]:
    left = iter(range(calls))

    def dying(node_ids: list[int]) -> int:
        if next(left, None) is None:
            raise Killed
        return act(node_ids)

    return dying


def test_the_rows_go_in_steps_that_can_be_interrupted(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        put(actor, f"d/e/{number}", b"%d" % number)
    put(actor, "kept")
    purge_items(actor, item_ids=[trashed(actor, "d")])
    monkeypatch.setattr(trash, "BATCH", 2)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(trash, "_remove_nodes", dying_after(1, trash._remove_nodes))
        with pytest.raises(Killed):
            remove_purged_rows()
    assert Node.objects.count() == 2 + 7 - 2
    assert remove_purged_rows() == 5
    assert (Node.objects.count(), Version.objects.count(), TrashItem.objects.count()) == (2, 1, 0)
    assert remove_purged_rows() == 0


def test_everything(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAXIMUM_NODES", 2)
    for name in "abcde":
        put(actor, name)
        trashed(actor, name)
    assert empty_trash(actor) == 5
    assert empty_trash(actor) == 0
    assert remove_purged_rows(limit=2) == 2
    assert remove_purged_rows() == 3


def test_who_may_and_all_or_none(actor: Actor) -> None:
    put(actor, "a")
    item = trashed(actor, "a")
    refuses_others(actor, lambda a: purge_items(a, item_ids=[item]))
    with pytest.raises(errors.NotFound):
        purge_items(actor, item_ids=[item, 10**9])
    with pytest.raises(errors.InvalidRequest):
        purge_items(actor, item_ids=[])
    assert not TrashItem.objects.filter(purging=True).exists()
