"""files.actions.create_folder: a folder, with those on the way to it."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from common.paths import MAXIMUM_DEPTH
from files import errors
from files.actions.create_folder import create_folder
from files.models import Node
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import home_of, journal_of, ledger, put


def test_with_those_on_the_way(user: User, actor: Actor) -> None:
    place, created = create_folder(actor, target=Target("a/b/c"))
    assert (place.path, created) == ("/a/b/c", True)
    assert journal_of(actor) == [("create", "/a"), ("create", "/a/b"), ("create", "/a/b/c")]
    root = Node.objects.get(pk=home_of(user).root_id)
    assert (root.descendants, root.height) == (3, 3)
    assert ledger(user) == Charge()
    with pytest.raises(errors.ParentNotFound):
        create_folder(actor, target=Target("x/y", make_folders=False))


def test_a_name_that_is_taken(actor: Actor) -> None:
    first, _ = create_folder(actor, target=Target("Straße"))
    put(actor, "file")
    for name in ("Straße", "file"):
        with pytest.raises(errors.NameTaken):
            create_folder(actor, target=Target(name))
    with pytest.raises(errors.NameTaken):
        create_folder(actor, target=Target("file"), exist_ok=True)
    again, created = create_folder(actor, target=Target("Straße"), exist_ok=True)
    assert (again.node.pk, created) == (first.node.pk, False)
    other, created = create_folder(actor, target=Target("Straße"), autorename=True)
    assert (other.node.name, created) == ("Straße (2)", True)
    alike, created = create_folder(actor, target=Target("STRASSE"), exist_ok=True)
    assert (alike.node.name, created) == ("STRASSE", True)
    assert [kind for kind, _ in journal_of(actor)] == ["create"] * 4


def test_a_file_is_no_folder_on_the_way(actor: Actor) -> None:
    put(actor, "file")
    with pytest.raises(errors.NotAFolder):
        create_folder(actor, target=Target("file/below"))


def test_the_deepest(actor: Actor) -> None:
    create_folder(actor, target=Target("/".join("d" * MAXIMUM_DEPTH)))
    with pytest.raises(errors.InvalidName) as refused:
        create_folder(actor, target=Target("/".join("e" * (MAXIMUM_DEPTH + 1))))
    assert refused.value.detail == {"reason": "too_deep", "length": MAXIMUM_DEPTH + 1, "limit": MAXIMUM_DEPTH}
    below = locate_path(actor, "/".join("d" * MAXIMUM_DEPTH)).node.pk
    with pytest.raises(errors.TooDeep):
        create_folder(actor, target=Target("x", parent_id=below))
    assert Node.objects.count() == MAXIMUM_DEPTH + 1


def test_who_may(user: User, actor: Actor) -> None:
    space = home_of(user).pk
    refuses_others(actor, lambda a: create_folder(a, target=Target("x", space_id=space)))
