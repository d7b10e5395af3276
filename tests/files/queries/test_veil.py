"""files.queries.veil: sums and entity tags for somebody from whom something is hidden."""

from dataclasses import replace
from typing import Any

from files.access.compute import access_along
from files.actions.move import rename_node
from files.actions.restrictions import restrict
from files.models import Node
from files.queries.veil import cover, veil_for
from tests.files.queries.restricted import Restricted


def test_nothing_for_who_sees_everything(world: Restricted, django_assert_num_queries: Any) -> None:
    access = access_along(world.manager, world.space, [world.space.root_id or 0])
    node = world.node("f")
    with django_assert_num_queries(0):
        assert veil_for(access, world.space.pk) is None
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
        veil = veil_for(world.root.access, world.space.pk)
        assert veil is not None
        return veil.states([world.node("f").pk])[world.node("f").pk]

    before = state()
    world.put("f/closed/c.txt", 5)
    rename_node(world.manager, node_id=world.node("d").pk, name="other")
    assert state() == before
    world.put("f/g/b.txt", 5)
    assert state() != before


def test_each_folder_is_looked_at_once(world: Restricted, django_assert_num_queries: Any) -> None:
    """Also where there are many folders with something hidden below them, one in the other, and all are asked for."""
    ways = [f"many/{n}" for n in range(30)] + ["deep/" + "/".join("d" * n for n in range(1, 12))]
    for way in ways:
        world.put(f"{way}/secret/x", 1)
        world.put(f"{way}/seen", 1)
    for secret in Node.objects.filter(space=world.space, name="secret"):
        restrict(world.manager, node_id=secret.pk)
    folders = [world.root.node, *Node.objects.filter(space=world.space, kind=0).exclude(name="secret")]
    veil = veil_for(world.root.access, world.space.pk)
    assert veil is not None
    asked: list[int] = []
    looked_at = CountingDict(veil.below, asked)
    counted = replace(veil, below=looked_at, _states={})
    with django_assert_num_queries(1):
        counted.states([folder.pk for folder in folders if folder.pk in veil.above])
    assert len(asked) <= 4 * len(veil.above)
    before = veil.states([world.space.root_id or 0])
    put_under = Node.objects.get(space=world.space, name="seen", parent__name="d" * 11)
    rename_node(world.manager, node_id=put_under.pk, name="seen otherwise")
    after = veil_for(world.root.access, world.space.pk)
    assert after is not None
    assert after.states([world.space.root_id or 0]) != before


class CountingDict(dict[int, list[int]]):
    """Notes what is asked for."""

    def __init__(self, values: dict[int, list[int]], asked: list[int]) -> None:
        super().__init__(values)
        self.asked = asked

    def get(self, key: int, default: Any = None) -> Any:
        self.asked.append(key)
        return super().get(key, default)
