"""files.actions.limits: what is too much for one request."""

from typing import Any

import pytest

from accounts.actor import Actor
from common.paths import MAXIMUM_DEPTH
from files.actions.create_folder import create_folder
from files.actions.limits import MAXIMUM_NODES, check_count, check_depth
from files.actions.trash import restore_items, trash_nodes
from files.errors import InvalidRequest, TooDeep, TooMany
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.trees import bytes_at, put


def test_how_many_nodes() -> None:
    check_count(range(MAXIMUM_NODES))
    check_count([1])
    with pytest.raises(TooMany) as refused:
        check_count(range(MAXIMUM_NODES + 1))
    assert refused.value.detail == {"limit": MAXIMUM_NODES}
    with pytest.raises(InvalidRequest):
        check_count([])


@pytest.mark.parametrize("file_inside", [False, True])
def test_how_deep(actor: Actor, file_inside: bool) -> None:
    """As deep as files and folders can be made, and not one level deeper."""
    file = put(actor, "a").node
    create_folder(actor, target=Target("t/u"))
    if file_inside:
        put(actor, "t/u/x")
    tree, levels = locate_path(actor, "t").node, 2 if file_inside else 1
    deep = create_folder(actor, target=Target("/".join("d" * (MAXIMUM_DEPTH - 1))))[0].chain
    assert len(deep) == MAXIMUM_DEPTH  # with the root of the space, which has no name
    for node, chain in ((file, deep), (tree, deep[:-levels])):
        check_depth(node, chain)
    deepest = create_folder(actor, target=Target("x", parent_id=deep[-1].id))[0].chain
    for node, chain in ((file, deepest), (tree, deep[: len(deep) - levels + 1])):
        with pytest.raises(TooDeep):
            check_depth(node, chain)


def test_what_is_as_deep_as_can_be_comes_back_from_the_trash(actor: Actor) -> None:
    path = "/".join("d" * MAXIMUM_DEPTH)
    put(actor, path, b"deep")
    for pk in (locate_path(actor, path).node.pk, locate_path(actor, "d").node.pk):
        (item,) = trash_nodes(actor, node_ids=[pk])
        restore_items(actor, item_ids=[item.pk])
    assert bytes_at(actor, path) == b"deep"


def test_a_recorded_height_that_is_too_high_costs_a_look_only(actor: Actor, django_assert_num_queries: Any) -> None:
    create_folder(actor, target=Target("t/u/v/w"))
    trash_nodes(actor, node_ids=[locate_path(actor, "t/u").node.pk])
    tree = locate_path(actor, "t").node
    assert tree.height == 3
    deep = create_folder(actor, target=Target("/".join("d" * (MAXIMUM_DEPTH - 3))))[0].chain
    with django_assert_num_queries(1):
        check_depth(tree, deep)
    with django_assert_num_queries(0):
        check_depth(tree, deep[:-1])
