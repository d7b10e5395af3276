"""files.queries.located: paths as they are seen, and what a mount shows."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.queries.located import LocatedNode, PathStep, ancestors_of, steps_of
from files.queries.tree import locate, locate_path
from tests.support.mounts import mount_of, mounted_space
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_steps_from_the_root_down(actor: Actor) -> None:
    file = put(actor, "a/b.txt").node
    place = locate(actor, file.pk)
    assert ancestors_of([file.pk])[file.pk] == place.ancestors
    assert [step.name for step in place.ancestors] == ["", "a"]
    assert steps_of([file]) == (PathStep(file.pk, "b.txt", file.kind),)
    assert ancestors_of([]) == {}


def test_outer_and_entered_lead_back_and_forth(actor: Actor, user: User) -> None:
    space = mounted_space(actor)
    put(actor, "docs/a.txt", space_id=space.pk)
    mount = locate(actor, mount_of(user, space).pk)
    assert isinstance(mount.entered, LocatedNode)
    assert (mount.entered.outer.node.pk, mount.entered.outer.entered.node.pk) == (mount.node.pk, space.root_id)
    inside = locate_path(actor, "/Plans/docs")
    assert (inside.outer, inside.entered, inside.shown) == (inside, inside, inside.node)
    sibling = inside.in_same_space(inside.node, inside.ancestors)
    assert sibling.path == "/Plans/docs"
