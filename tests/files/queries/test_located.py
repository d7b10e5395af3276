"""files.queries.located: what a place says of itself, and how much of the way to it is seen."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.access.rights import Role
from files.models import Grant, Space
from files.queries.located import ancestors_of
from files.queries.tree import locate, locate_path
from tests.files.queries.restricted import Restricted
from tests.support.mounts import mounted_space
from tests.support.trees import put


@pytest.fixture
def space(actor: Actor) -> Space:
    made = mounted_space(actor)
    put(actor, "docs/a.txt", b"hello", space_id=made.pk)
    return made


def test_the_two_sides_of_a_mount(actor: Actor, user: User, space: Space) -> None:
    mount = locate_path(actor, "/Plans")
    inner = mount.entered
    assert (inner.outer.node, inner.outer.target) == (mount.node, inner)
    assert (mount.shown.pk, mount.is_root, inner.is_root) == (space.root_id, False, True)
    assert inner.outer.etag == mount.etag
    file = locate_path(actor, "/Plans/docs/a.txt")
    assert file.outer is file
    assert file.in_same_space(inner.node, ()).path == "/Plans"


def test_how_much_of_the_way_is_seen(world: Restricted) -> None:
    """From the root on, from a folder on; of what is shared behind something hidden only the end."""
    Grant.objects.create(node=world.node("d"), space=world.space, user=world.member, role=Role.VIEWER)
    seen, behind = locate(world.actor, world.node("b.txt").pk), locate(world.actor, world.node("e.txt").pk)
    assert (seen.way_is_seen, behind.way_is_seen) == (True, False)
    assert behind.is_seen_from(world.node("d").pk)
    assert not behind.is_seen_from(world.node("closed").pk)
    assert not behind.is_seen_from(world.node("g").pk), "it does not lead there"
    assert locate(world.manager, behind.node.pk).way_is_seen


def test_ancestors_from_the_top(world: Restricted) -> None:
    file = world.node("e.txt")
    assert [step.name for step in ancestors_of([file.pk])[file.pk]] == ["", "f", "closed", "d"]
    assert ancestors_of([]) == {}
