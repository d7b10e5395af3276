"""Earlier versions of what goes to another space stay those of the space that it came from (decision 38)."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.access.rights import Role as SpaceRole
from files.actions.grants import Subject, SubjectKind, change_space, set_grant
from files.actions.move import move_node, move_nodes
from files.actions.spaces import create_team_space
from files.actions.versions import delete_versions, restore_version
from files.models import Node, Space, Version
from files.queries.file_content import file_of_node
from files.queries.target import Target
from files.queries.tree import locate
from files.queries.versions import get_version, list_versions
from tests.support.people import actor_of, make_member
from tests.support.trees import home_of, put


@pytest.fixture
def space(actor: Actor) -> Space:
    return create_team_space(actor, name="Plans")


@pytest.fixture
def bob(user: User) -> Actor:
    return actor_of(make_member(user))


def file_with_versions(actor: Actor, path: str = "a/f", count: int = 3, **target: int) -> Node:
    for number in range(count):
        node = put(actor, path, b"version %d" % number, **target).node
    return node


def shown(actor: Actor, node: Node) -> int:
    return list_versions(locate(actor, node.pk)).count()


def test_others_see_none_from_before_and_the_owner_all(actor: Actor, bob: Actor, space: Space) -> None:
    node = file_with_versions(bob)
    first = Version.objects.filter(node=node).earliest("pk").pk
    move_nodes(bob, node_ids=[node.parent_id or 0], parent_id=space.root_id or 0)
    assert (shown(actor, node), shown(bob, node)) == (1, 3)
    for ask in (
        lambda: get_version(locate(actor, node.pk), first),
        lambda: file_of_node(actor, node.pk, version_id=first),
        lambda: restore_version(actor, node_id=node.pk, version_id=first),
        lambda: delete_versions(actor, node_id=node.pk, version_ids=[first]),
    ):
        with pytest.raises(errors.NotFound):
            ask()
    assert file_of_node(bob, node.pk, version_id=first).size == 9
    assert file_of_node(actor, node.pk).size == 9
    put(actor, "a/f", b"by another", space_id=space.pk)
    assert (shown(actor, node), shown(bob, node)) == (2, 4)
    restore_version(bob, node_id=node.pk, version_id=first)  # what is restored is there for everybody
    assert shown(actor, node) == 3


def test_the_owner_may_say_so(actor: Actor, bob: Actor, space: Space) -> None:
    node = file_with_versions(bob)
    move_node(bob, node_id=node.pk, target=Target("f", space_id=space.pk), share_versions=True)
    assert shown(actor, node) == 3


def test_nothing_is_lost_on_the_way_back(actor: Actor, bob: Actor, space: Space) -> None:
    node = file_with_versions(bob)
    move_node(bob, node_id=node.pk, target=Target("f", space_id=space.pk))
    put(actor, "f", b"by another", space_id=space.pk)
    move_node(bob, node_id=node.pk, target=Target("back"))
    assert shown(bob, node) == 4
    move_node(bob, node_id=node.pk, target=Target("f", space_id=space.pk), share_versions=True)
    assert shown(actor, node) == 4


def test_from_one_space_to_another(user: User, actor: Actor, space: Space) -> None:
    """Whoever is in the second need not be in the first, and not everybody in the first may say so."""
    carl, second = actor_of(make_member(user)), create_team_space(actor, name="Second")
    node = file_with_versions(actor, "f", space_id=space.pk)
    change_space(actor, space_id=space.pk, is_open=False)
    editor = actor_of(make_member(user))
    subject = Subject(SubjectKind.USER, editor.user_id or 0)
    set_grant(actor, node_id=space.root_id or 0, subject=subject, role=SpaceRole.EDITOR)
    with pytest.raises(errors.Forbidden):
        move_node(editor, node_id=node.pk, target=Target("f", space_id=second.pk), share_versions=True)
    move_node(editor, node_id=node.pk, target=Target("f", space_id=second.pk))
    assert shown(carl, node) == 1
    move_node(actor, node_id=node.pk, target=Target("f", space_id=space.pk))
    assert shown(actor, node) == shown(editor, node) == 3


def test_of_two_owners_each_sees_the_own_ones(user: User, actor: Actor, bob: Actor, space: Space) -> None:
    node = file_with_versions(bob)
    move_node(bob, node_id=node.pk, target=Target("f", space_id=space.pk))
    put(actor, "f", b"by another", space_id=space.pk)
    move_node(actor, node_id=node.pk, target=Target("mine"))
    assert shown(actor, node) == 2
    assert home_of(user).pk == locate(actor, node.pk).space.pk
    move_node(actor, node_id=node.pk, target=Target("f", space_id=space.pk), share_versions=True)
    assert shown(bob, node) == 4


def test_within_a_space_nothing_changes(actor: Actor, bob: Actor, space: Space) -> None:
    node = file_with_versions(bob, "f", space_id=space.pk)
    move_node(bob, node_id=node.pk, target=Target("x/g", space_id=space.pk))
    assert shown(actor, node) == 3
    assert not Version.objects.exclude(kept_in=None).exists()
