"""files.queries.veil: sums and entity tags for somebody from whom something is hidden."""

from typing import Any

from files.access.compute import access_along
from files.actions.move import rename_node
from files.models import Node
from files.queries.veil import cover, veil_for
from tests.files.queries.restricted import Restricted


def test_nothing_for_who_sees_everything(world: Restricted, django_assert_num_queries: Any) -> None:
    access = access_along(world.manager, world.space, [world.space.root_id or 0])
    node = world.node("f")
    with django_assert_num_queries(0):
        assert veil_for(access) is None
        cover([(node, access)])
    assert (node.size, node.seen_state) == (107, None)


def test_what_is_taken_off(world: Restricted, django_assert_num_queries: Any) -> None:
    """Of the folders above what is hidden, once for what is hidden in something hidden."""
    access, f, root = world.root.access, world.node("f"), Node.objects.get(pk=world.space.root_id or 0)
    with django_assert_num_queries(2):
        cover([(f, access), (root, access)])
    assert (f.size, f.descendants, root.size, root.descendants) == (7, 3, 7, 4)
    cover([(f, access)])
    assert f.size == 7, "it is not taken off twice"


def test_the_state_is_of_what_is_seen(world: Restricted) -> None:
    def state() -> str:
        veil = veil_for(world.root.access)
        assert veil is not None
        return veil.states([world.node("f").pk])[world.node("f").pk]

    before = state()
    world.put("f/closed/c.txt", 5)
    rename_node(world.manager, node_id=world.node("d").pk, name="other")
    assert state() == before
    world.put("f/g/b.txt", 5)
    assert state() != before
