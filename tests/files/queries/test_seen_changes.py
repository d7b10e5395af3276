"""files.queries.seen_changes: lines of a journal for somebody from whom something is hidden."""

from typing import Any

from files.access.compute import access_along
from files.access.rights import Role
from files.actions.grants import change_space
from files.models import Change, Grant, Space
from files.queries.seen_changes import seen_changes, sight, sight_below
from files.queries.tree import locate
from tests.files.queries.restricted import Restricted


def lines(world: Restricted) -> list[Change]:
    return list(Change.objects.filter(space=world.space).order_by("seq"))


def test_all_of_them_for_who_sees_everything(world: Restricted, django_assert_num_queries: Any) -> None:
    access = access_along(world.manager, world.space, [world.space.root_id or 0])
    everything, manager = lines(world), world.manager
    with django_assert_num_queries(0):
        assert seen_changes(manager, world.space, access, everything) == everything
        assert sight(access) == ""


def test_without_what_is_hidden(world: Restricted) -> None:
    access = world.root.access
    seen = seen_changes(world.actor, world.space, access, lines(world))
    assert [change.after_path for change in seen] == ["/f", "/f/a.txt", "/f/g", "/f/g/b.txt"]
    assert [change.size for change in seen] == [0, 3, 0, 4]
    assert seen_changes(world.actor, world.space, access, []) == []
    digest = sight(access)
    assert sight(world.root.access) == digest


def test_of_something_further_down(world: Restricted) -> None:
    """Who sees one folder only has the paths of the others nowhere."""
    change_space(world.manager, space_id=world.space.pk, is_open=False)
    world.space.refresh_from_db()
    Grant.objects.create(node=world.node("g"), space=world.space, user=world.member, role=Role.VIEWER)
    access = locate(world.actor, world.node("g").pk).access
    seen = seen_changes(world.actor, world.space, access, lines(world))
    assert [change.after_path for change in seen] == ["/", "/b.txt"]


def test_below_one_folder(world: Restricted) -> None:
    """For whoever comes from there: not the folder itself, and paths begin at it, however much else they see."""
    for actor in (world.actor, world.manager):
        access = locate(actor, world.node("g").pk).access
        seen = seen_changes(actor, world.space, access, lines(world), top_id=world.node("g").pk)
        assert [change.after_path for change in seen] == ["/b.txt"]
    root_id = world.space.root_id
    seen = seen_changes(world.actor, world.space, world.root.access, lines(world), top_id=root_id)
    assert [change.after_path for change in seen] == ["/f", "/f/a.txt", "/f/g", "/f/g/b.txt"]


def test_what_is_hidden_below_one_folder(world: Restricted, django_assert_num_queries: Any) -> None:
    known: dict[int, Any] = {}
    hidden = world.root.access.hidden
    f, g = world.node("f").pk, world.node("g").pk
    of_f, of_g = (sight_below(world.space, top_id, hidden, known) for top_id in (f, g))
    assert of_f != of_g
    with django_assert_num_queries(0):
        assert of_g == sight_below(world.space, g, [], {})
        assert of_f == sight_below(world.space, f, hidden, known)
    other = Space.objects.exclude(pk=world.space.pk)[0]
    assert sight_below(other, g, [], {}) != of_g, "numbers are those of one space"
