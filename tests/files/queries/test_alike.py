"""files.queries.alike: what a folder holds under another spelling of a name."""

import pytest

from accounts.actor import Actor
from files import errors
from files.access.rights import Role
from files.actions.move import move_node
from files.queries.alike import alike
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of
from tests.support.shared_files import shared_file
from tests.support.shared_folders import grant_on
from tests.support.trees import home_of, put


@pytest.fixture
def root(user: object, actor: Actor) -> int:
    put(actor, "README")
    put(actor, "Maße")
    put(actor, "other")
    root = home_of(user).root_id  # type: ignore[arg-type]
    assert root is not None
    return root


def told(actor: Actor, root: int, *names: str, but: int | None = None) -> dict[str, str]:
    return {name: node.name for name, node in alike(actor, parent_id=root, names=names, but=but).items()}


def test_another_case_and_another_spelling(actor: Actor, root: int) -> None:
    assert told(actor, root, "readme", "MASSE", "new") == {"readme": "README", "MASSE": "Maße"}


def test_the_very_name_is_no_other_spelling(actor: Actor, root: int) -> None:
    put(actor, "readme")
    assert told(actor, root, "readme", "README") == {}
    assert told(actor, root, "ReadMe") == {"ReadMe": "README"}, "the oldest of several"


def test_the_node_that_is_renamed_does_not_count(actor: Actor, root: int) -> None:
    (found,) = alike(actor, parent_id=root, names=["readme"]).values()
    assert told(actor, root, "readme", but=found.pk) == {}


def test_a_stranger_is_told_nothing(outsider: Actor, root: int) -> None:
    with pytest.raises(errors.NotFound):
        alike(outsider, parent_id=root, names=["readme"])


def test_what_others_have_mounted_is_not_told(pool: object) -> None:
    """Its name is taken in a folder that its receiver shares, and that is all."""
    world = shared_file()
    viewer, editor = actor_of(world.viewer), actor_of(world.editor)
    move_node(viewer, node_id=world.mount_of(world.viewer).pk, target=Target("/ours/mine.txt"))
    ours = locate_path(viewer, "/ours").node
    grant_on(viewer, ours, world.editor, Role.EDITOR)
    assert told(viewer, ours.pk, "MINE.txt") == {"MINE.txt": "mine.txt"}
    assert told(editor, ours.pk, "MINE.txt") == {}
    world.end(world.viewer)
    assert told(viewer, ours.pk, "MINE.txt") == {}
