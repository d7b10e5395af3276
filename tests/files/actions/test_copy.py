"""files.actions.copy: a tree again, with its bytes shared and charged."""

import pytest

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from files import errors
from files.actions.annotations import PropertyChange, set_properties
from files.actions.copy import copy_node, copy_nodes
from files.models import Blob, Node, NodeProperty, TrashItem, Version
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put


def pk_of(actor: Actor, path: str) -> int:
    return locate_path(actor, path).node.pk


def test_current_versions_and_properties_are_copied_and_no_byte(user: User, actor: Actor) -> None:
    put(actor, "d/e/a", b"one")
    put(actor, "d/e/a", b"three")
    set_properties(actor, node_id=pk_of(actor, "d/e/a"), changes=[PropertyChange("n", "x", "1")])
    blobs = Blob.objects.count()
    copied = copy_node(actor, node_id=pk_of(actor, "d"), target=Target("x/y"))
    assert (copied.path, copied.replaced) == ("/x/y", False)
    assert bytes_at(actor, "x/y/e/a") == bytes_at(actor, "d/e/a") == b"three"
    assert Blob.objects.count() == blobs
    assert Version.objects.filter(node=pk_of(actor, "x/y/e/a")).count() == 1
    assert NodeProperty.objects.get(node=pk_of(actor, "x/y/e/a")).value == "1"
    assert journal_of(actor)[-2:] == [("create", "/x"), ("copy", "/x/y")]
    assert ledger(user) == Charge(live=10, versions=3)
    put(actor, "x/y/e/a", b"changed")
    assert bytes_at(actor, "d/e/a") == b"three"


def test_a_folder_without_what_is_in_it(actor: Actor) -> None:
    put(actor, "d/a")
    copied = copy_node(actor, node_id=pk_of(actor, "d"), target=Target("d/copy"), only_itself=True)
    assert (copied.path, copied.node.descendants) == ("/d/copy", 0)


def test_a_name_that_is_taken(actor: Actor) -> None:
    node = put(actor, "a.txt", b"a").node
    put(actor, "b.txt", b"old")
    with pytest.raises(errors.NameTaken):
        copy_node(actor, node_id=node.pk, target=Target("b.txt"))
    with pytest.raises(errors.NameTaken):
        copy_node(actor, node_id=node.pk, target=Target("a.txt"), overwrite=True)  # itself
    assert copy_node(actor, node_id=node.pk, target=Target("a.txt"), autorename=True).path == "/a (2).txt"
    assert copy_node(actor, node_id=node.pk, target=Target("b.txt"), overwrite=True).replaced
    assert TrashItem.objects.get().path == "/b.txt"
    assert bytes_at(actor, "b.txt") == b"a"
    assert copy_node(actor, node_id=node.pk, target=Target("B.txt")).path == "/B.txt"  # another name


def test_several_all_or_none_and_the_quota_at_its_edge(user: User, actor: Actor) -> None:
    nodes = [put(actor, "a", b"123").node.pk, put(actor, "b", b"45").node.pk]
    folder = put(actor, "d/x", b"").place.ancestors[-1].id
    QuotaAccount.objects.filter(user=user).update(limit_bytes=9)
    with pytest.raises(QuotaExceeded):
        copy_nodes(actor, node_ids=nodes, parent_id=folder)
    assert Node.objects.get(pk=folder).descendants == 1
    QuotaAccount.objects.filter(user=user).update(limit_bytes=10)
    assert [copy.path for copy in copy_nodes(actor, node_ids=nodes, parent_id=folder)] == ["/d/a", "/d/b"]
    assert ledger(user) == Charge(live=10)


def test_refuses(user: User, actor: Actor) -> None:
    put(actor, "d/a")
    folder, root = pk_of(actor, "d"), home_of(user).root_id or 0
    with pytest.raises(errors.MoveIntoItself):
        copy_node(actor, node_id=folder, target=Target("d/e"))
    with pytest.raises(errors.RootIsFixed):
        copy_nodes(actor, node_ids=[root], parent_id=folder)
    with pytest.raises(errors.PreconditionFailed):
        copy_node(actor, node_id=folder, target=Target("e"), conditions={"if-match": '"other"'})
    with pytest.raises(errors.ParentNotFound):
        copy_node(actor, node_id=folder, target=Target("no/e", make_folders=False))
    with pytest.raises(errors.InvalidRequest):
        copy_nodes(actor, node_ids=[], parent_id=folder)
    refuses_others(actor, lambda a: copy_node(a, node_id=folder, target=Target("e", space_id=home_of(user).pk)))
    assert Node.objects.count() == 2 + 1 + 1  # the stranger's home
