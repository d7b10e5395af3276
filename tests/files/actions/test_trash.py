"""files.actions.trash: deleting, all or nothing."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files import errors
from files.actions import limits
from files.actions.trash import trash_nodes
from files.models import Change, Node, TrashItem
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import home_of, journal_of, ledger, put


def test_a_tree_is_one_act(user: User, actor: Actor) -> None:
    put(actor, "d/a", b"one")
    put(actor, "d/a", b"three")
    put(actor, "d/e/b", b"x")
    folder = locate_path(actor, "d").node
    (item,) = trash_nodes(actor, node_ids=[folder.pk])
    assert (item.path, item.parent_id_before, item.deleted_by_id) == ("/d", home_of(user).root_id, user.pk)
    assert journal_of(actor)[-1] == ("trash", "/d")
    assert ledger(user) == Charge(trash=3 + 5 + 1)
    assert Node.objects.get(pk=home_of(user).root_id).descendants == 0
    with pytest.raises(errors.NotFound):
        locate_path(actor, "d/a")


def test_what_lies_below_another_named_one_goes_with_it(actor: Actor) -> None:
    inner, outer = put(actor, "d/a").node, locate_path(actor, "d").node
    other = put(actor, "b").node
    items = trash_nodes(actor, node_ids=[inner.pk, outer.pk, other.pk, other.pk])
    assert [item.node_id for item in items] == [outer.pk, other.pk]
    assert len({change.batch for change in Change.objects.filter(kind="trash")} - {None}) == 1


def test_all_or_none(user: User, actor: Actor) -> None:
    node = put(actor, "a").node
    for other, error in ((10**9, errors.NotFound), (home_of(user).root_id or 0, errors.RootIsFixed)):
        with pytest.raises(error):
            trash_nodes(actor, node_ids=[node.pk, other])
    with pytest.raises(errors.PreconditionFailed):
        trash_nodes(actor, node_ids=[node.pk], conditions={"if-match": '"other"'})
    refuses_others(actor, lambda a: trash_nodes(a, node_ids=[node.pk]))
    assert not TrashItem.objects.exists()
    trash_nodes(actor, node_ids=[node.pk], conditions={"if-match": node.etag})
    with pytest.raises(errors.NotFound):
        trash_nodes(actor, node_ids=[node.pk])


def test_how_many_at_once(actor: Actor) -> None:
    with pytest.raises(errors.InvalidRequest):
        trash_nodes(actor, node_ids=[])
    with pytest.raises(errors.TooMany):
        trash_nodes(actor, node_ids=range(1, limits.MAXIMUM_NODES + 2))
