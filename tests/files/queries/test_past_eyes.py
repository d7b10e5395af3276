"""files.queries.past_eyes: what of the past is shown to somebody from whom something is hidden now."""

from typing import Any

import pytest

from common.clock import now
from files import errors
from files.actions.move import move_node
from files.models import Node, NodeKind
from files.queries.journal import children_at
from files.queries.past import past_by_id
from files.queries.past_eyes import PastEyes, eyes_of
from files.queries.target import Target
from files.queries.tree import root_of
from tests.files.queries.restricted import Restricted


def eyes(world: Restricted, *, of_manager: bool = False) -> PastEyes:
    actor = world.manager if of_manager else world.actor
    space, access = root_of(actor, world.space.pk)
    return eyes_of(actor, space, access)


def test_everything_for_who_sees_everything(world: Restricted, django_assert_num_queries: Any) -> None:
    seeing, entries = eyes(world, of_manager=True), children_at(world.space, world.node("f").pk, world.space.seq)
    closed = world.node("closed").pk
    with django_assert_num_queries(0):
        assert seeing.seen(entries) is entries
        seeing.require_seen(closed)


def test_nothing_of_what_is_hidden_now(world: Restricted) -> None:
    seq = world.space.seq
    f, b, closed = world.node("f").pk, world.node("b.txt").pk, world.node("closed").pk
    seeing = eyes(world)
    assert [past.name for past in seeing.seen(children_at(world.space, f, seq))] == ["g", "a.txt"]
    ((size),) = [past.size for past in seeing.seen(children_at(world.space, world.space.root_id or 0, seq))]
    assert size == 7
    move_node(world.manager, node_id=b, target=Target("f/closed/b.txt", space_id=world.space.pk))
    assert eyes(world).seen(children_at(world.space, world.node("g").pk, seq)) == []
    with pytest.raises(errors.NotFound):  # and not that it is a file
        past_by_id(world.actor, node_id=b, moment=now())
    seeing.require_seen(f)
    for hidden in (closed, world.node("d").pk, b, 2**40):
        with pytest.raises(errors.NotFound):
            eyes(world).require_seen(hidden)


def test_a_large_folder_costs_no_more(world: Restricted, django_assert_max_num_queries: Any) -> None:
    f, names = world.node("f"), [f"many{number}" for number in range(1_200)]
    rows = [Node(space=world.space, parent=f, kind=NodeKind.FOLDER, name=name, name_key=name) for name in names]
    Node.objects.bulk_create(rows)
    entries = children_at(world.space, f.pk, world.space.seq)
    seeing = eyes(world)
    with django_assert_max_num_queries(3):
        assert len(seeing.seen(entries)) == len(entries) - 1
