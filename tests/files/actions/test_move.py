"""files.actions.move: one row, whatever is below it."""

import pytest

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from common.paths import MAXIMUM_DEPTH
from files import errors
from files.actions import limits
from files.actions.create_folder import create_folder
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.spaces import create_team_space
from files.models import Change, ChangeKind, Node, TrashItem
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put


def pk_of(actor: Actor, path: str) -> int:
    return locate_path(actor, path).node.pk


def test_a_tree_is_one_line_of_the_journal(user: User, actor: Actor) -> None:
    put(actor, "d/e/a", b"one")
    put(actor, "d/e/a", b"three")
    moved = move_node(actor, node_id=pk_of(actor, "d"), target=Target("x/y"))
    assert (moved.path_before, moved.place.path, moved.replaced) == ("/d", "/x/y", False)
    assert bytes_at(actor, "x/y/e/a") == b"three"
    assert journal_of(actor)[-2:] == [("create", "/x"), ("move", "/x/y")]
    assert ledger(user) == Charge(live=5, versions=3)
    before = len(journal_of(actor))
    move_node(actor, node_id=moved.place.node.pk, target=Target("x/y"))
    assert len(journal_of(actor)) == before  # it is there already


def test_a_name_that_is_taken(actor: Actor) -> None:
    node = put(actor, "a", b"a").node
    put(actor, "d/a", b"old")
    with pytest.raises(errors.NameTaken):
        move_node(actor, node_id=node.pk, target=Target("d/a"))
    assert move_node(actor, node_id=node.pk, target=Target("d/a"), autorename=True).place.path == "/d/a (2)"
    moved = move_node(actor, node_id=node.pk, target=Target("d/a"), overwrite=True)
    assert (moved.place.path, moved.replaced) == ("/d/a", True)
    assert TrashItem.objects.get().path == "/d/a"
    assert journal_of(actor)[-2:] == [("trash", "/d/a"), ("move", "/d/a")]
    assert move_node(actor, node_id=node.pk, target=Target("d/A")).place.path == "/d/A"  # another name


def test_only_the_case_of_a_name(actor: Actor) -> None:
    node = put(actor, "straße").node
    assert rename_node(actor, node_id=node.pk, name="STRASSE").place.path == "/STRASSE"
    for name in ("", "..", "a/b", "x" * 256):
        with pytest.raises(errors.InvalidName):
            rename_node(actor, node_id=node.pk, name=name)


def test_never_into_itself_nor_over_what_it_lies_in(user: User, actor: Actor) -> None:
    put(actor, "d/e/a")
    for target in ("d/x", "d/e/x"):
        with pytest.raises(errors.MoveIntoItself):
            move_node(actor, node_id=pk_of(actor, "d"), target=Target(target))
    with pytest.raises(errors.NameTaken):
        move_node(actor, node_id=pk_of(actor, "d/e"), target=Target("d"), overwrite=True)
    root = home_of(user).root_id or 0
    with pytest.raises(errors.RootIsFixed):
        rename_node(actor, node_id=root, name="x")
    with pytest.raises(errors.RootIsFixed):
        move_nodes(actor, node_ids=[root], parent_id=pk_of(actor, "d"))
    assert [kind for kind, _ in journal_of(actor)] == ["create"] * 3


def test_several_all_or_none(actor: Actor) -> None:
    first, second = put(actor, "a").node, put(actor, "b").node
    folder = put(actor, "d/b").place.ancestors[-1].id
    with pytest.raises(errors.NameTaken):
        move_nodes(actor, node_ids=[first.pk, second.pk], parent_id=folder)
    assert Node.objects.get(pk=first.pk).parent_id != folder
    move_nodes(actor, node_ids=[first.pk, second.pk], parent_id=folder, autorename=True)
    lines = Change.objects.filter(kind=ChangeKind.MOVE)
    assert sorted(line.after_path for line in lines) == ["/d/a", "/d/b (2)"]
    assert len({line.batch for line in lines} - {None}) == 1
    with pytest.raises(errors.TooMany):
        move_nodes(actor, node_ids=range(1, limits.MAXIMUM_NODES + 2), parent_id=folder)


def test_to_another_space_its_bytes_are_charged_there(user: User, actor: Actor) -> None:
    space = create_team_space(actor, name="team")
    put(actor, "d/a", b"one")
    put(actor, "d/a", b"three")
    target = Target("d", space_id=space.pk)
    QuotaAccount.objects.filter(team=user.membership.team).update(limit_bytes=8)
    move_node(actor, node_id=pk_of(actor, "d"), target=target)
    assert ledger(user) == Charge()
    lines = list(Change.objects.filter(kind__startswith="move_").order_by("kind").values_list("kind", "space"))
    assert lines == [("move_in", space.pk), ("move_out", home_of(user).pk)]
    assert locate_path(actor, "d/a", space_id=space.pk).node.space_id == space.pk
    QuotaAccount.objects.filter(user=user).update(limit_bytes=7)
    with pytest.raises(QuotaExceeded):
        move_node(
            actor, node_id=locate_path(actor, "d", space_id=space.pk).node.pk, target=Target("d", home_of(user).root_id)
        )
    assert ledger(user) == Charge()


def test_the_deepest(actor: Actor) -> None:
    create_folder(actor, target=Target("/".join("d" * (MAXIMUM_DEPTH - 2))))
    create_folder(actor, target=Target("a/b/c"))
    deepest = pk_of(actor, "/".join("d" * (MAXIMUM_DEPTH - 2)))
    with pytest.raises(errors.TooDeep):
        move_nodes(actor, node_ids=[pk_of(actor, "a")], parent_id=deepest)
    assert locate_path(actor, "a/b/c").node.is_folder
    move_nodes(actor, node_ids=[pk_of(actor, "a/b")], parent_id=deepest)


def test_conditions_and_who_may(user: User, actor: Actor) -> None:
    node = put(actor, "a").node
    with pytest.raises(errors.PreconditionFailed):
        move_node(actor, node_id=node.pk, target=Target("b"), conditions={"if-match": '"other"'})
    target = Target("b", space_id=home_of(user).pk)
    refuses_others(actor, lambda a: move_node(a, node_id=node.pk, target=target))
    refuses_others(actor, lambda a: rename_node(a, node_id=node.pk, name="b"))
    move_node(actor, node_id=node.pk, target=Target("b"), conditions={"if-match": node.etag})
