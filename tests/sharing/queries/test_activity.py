"""sharing.queries.activity: who did what, as each reader may see it, in bounded pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files import errors
from files.access.rights import Role
from files.actions.create_folder import create_folder
from files.actions.mounts import reconcile_all
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.trash import restore_items, trash_nodes
from files.models import Change, Node
from files.queries.target import Target
from files.queries.tree import get_space, locate, locate_path
from sharing.models import Happening, HappeningKind
from sharing.queries import activity as activity_module
from sharing.queries import activity_reading
from sharing.queries.activity import (
    Activity,
    Asked,
    my_activity,
    node_activity,
    people_in,
    seen_in_home,
    space_activity,
)
from sharing.queries.activity_groups import ActivityKind
from sharing.queries.activity_texts import subjects_of, summary
from tests.files.queries.restricted import restricted_world
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_member
from tests.support.shared_folders import ABOVE, SharedFolder, grant_on, mount_to, shared_folder
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def said(found: Activity) -> list[str]:
    subjects = subjects_of(found.groups)
    return [summary(group, subjects) for group in found.groups]


def every_page(read: Any, limit: int) -> list[str]:
    """Text and number of lines of all groups, page by page."""
    texts, after = [], None
    for _ in range(100):
        found = read(after=after, limit=limit)
        texts += [f"{text} ({group.count})" for text, group in zip(said(found), found.groups, strict=True)]
        after = found.end
        if after is None:
            return texts
    raise AssertionError("it never ends")


def paths(found: Activity) -> set[str]:
    return {path for group in found.groups for item in group.items for path in (item.path, item.before) if path}


def test_acts_of_one_person_are_put_together(actor: Actor, user: User) -> None:
    nodes = [put(actor, f"in/{number}.txt").node.pk for number in range(12)]
    folder = create_folder(actor, target=Target("Reports"))[0].node
    move_nodes(actor, node_ids=nodes, parent_id=folder.pk)
    rename_node(actor, node_id=nodes[0], name="first.txt")
    put(actor, "Reports/first.txt", b"other"), put(actor, "Reports/first.txt", b"another")
    (item,) = trash_nodes(actor, node_ids=[nodes[1]])
    restore_items(actor, item_ids=[item.pk])
    who = user.get_full_name()
    found = my_activity(actor)
    assert said(found) == [
        f"{who} restored “1.txt” to “Reports”",
        f"{who} deleted “1.txt” from “Reports”",
        f"{who} changed 2 files in “Reports”",
        f"{who} renamed “0.txt” to “first.txt”",
        f"{who} moved 12 files to “Reports”",
        f"{who} added 2 folders to “Files”",
        f"{who} added 12 files to “in”",
    ]
    assert found.end is None
    moved = found.groups[4]
    assert (moved.count, len(moved.items), moved.more, moved.folder_id) == (12, 5, 7, folder.pk)
    assert {item.before for item in moved.items} == {f"/in/{number}.txt" for number in range(7, 12)}
    assert people_in(found.groups) == {user.pk: who}


def test_pages_have_every_line_once(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_reading, "ROWS", 8)
    monkeypatch.setattr(activity_reading, "LEAST", 4)
    monkeypatch.setattr(activity_module, "LINES", 3)
    space = mounted_space(actor, "Plans")
    for number in range(15):
        put(actor, f"{'Plans/' if number % 3 else ''}d{number}/f.txt")
    whole = every_page(lambda **page: my_activity(actor, **page), 200)
    counted = Change.objects.count()
    for limit in (1, 2, 7):
        pages = every_page(lambda **page: my_activity(actor, **page), limit)
        assert sum(int(text.rpartition("(")[2][:-1]) for text in pages) == counted
        assert len(pages) >= len(whole)
    assert sum(int(text.rpartition("(")[2][:-1]) for text in whole) == counted
    in_space = every_page(lambda **page: space_activity(actor, space_id=space.pk, **page), 2)
    assert sum(int(text.rpartition("(")[2][:-1]) for text in in_space) == Change.objects.filter(space=space).count()


def test_lines_of_the_same_moment_are_told_once(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_reading, "ROWS", 4)
    monkeypatch.setattr(activity_reading, "LEAST", 2)
    for number in range(9):
        put(actor, f"d{number}/f.txt")
    Change.objects.update(at=now(), batch=None)
    node = locate_path(actor, "d0/f.txt")
    for number in range(3):
        times = {"at": Change.objects.get(node_id=node.node.pk).at, "kind": HappeningKind.READ}
        Happening.objects.create(space=node.space, node_id=node.node.pk, reader=f"link:{number}", hour=1, **times)
    pages = every_page(lambda **page: my_activity(actor, **page), 1)
    assert sum(int(text.rpartition("(")[2][:-1]) for text in pages) == Change.objects.count() + 3


def test_filters(actor: Actor, user: User) -> None:
    user.membership.team.seats = 5
    user.membership.team.save()
    other = make_member(user, name="Bea")
    space = mounted_space(actor, "Plans")
    put(actor, "Plans/mine.txt")
    put(actor_of(other), "hers.txt", space_id=space.pk)
    ids = [Node.objects.get(name="mine.txt").pk]
    trash_nodes(actor, node_ids=ids)
    of_bea = my_activity(actor, Asked(person_id=other.pk))
    assert said(of_bea) == ["Bea added “hers.txt” to “Plans”"]
    deleted = my_activity(actor, Asked(kinds=frozenset({ActivityKind.DELETE})))
    assert [group.kind for group in deleted.groups] == ["delete"]
    last = Change.objects.order_by("-at").first()
    assert last is not None
    assert [group.kind for group in my_activity(actor, Asked(since=last.at)).groups] == ["delete"]
    assert "delete" not in [group.kind for group in my_activity(actor, Asked(until=last.at)).groups]
    assert my_activity(actor, Asked(since=last.at + timedelta(seconds=1))).groups == []
    # A move is shown as what it was to the reader: the exact kind decides, not that of the line.
    rename_node(actor, node_id=(space.root_id and Node.objects.get(name="hers.txt").pk) or 0, name="his.txt")
    assert my_activity(actor, Asked(kinds=frozenset({ActivityKind.MOVE}))).groups == []
    assert len(my_activity(actor, Asked(kinds=frozenset({ActivityKind.RENAME}))).groups) == 1


def test_a_window_of_time_and_a_batch(actor: Actor) -> None:
    for number in range(4):
        put(actor, f"f{number}.txt")
    for number, change in enumerate(Change.objects.order_by("seq")):
        Change.objects.filter(pk=change.pk).update(at=now() - timedelta(minutes=11 * number))
    assert [group.count for group in my_activity(actor).groups] == [1, 1, 1, 1]
    Change.objects.update(batch="0" * 32)
    assert [group.count for group in my_activity(actor).groups] == [4]


@pytest.mark.parametrize("name", ["in", "one.txt"])
def test_the_name_of_a_space_is_for_who_sees_its_root(actor: Actor, user: User, name: str) -> None:
    space = mounted_space(actor, "Secret plans", is_open=False)
    put(actor, "in/one.txt", space_id=space.pk)
    other = make_member(user)
    node = Node.objects.get(space=space, name=name)
    grant_on(actor, node, other, Role.EDITOR)
    reconcile_all()
    put(actor, "in/one.txt", b"again", space_id=space.pk)
    reader = actor_of(other)
    by_id = node_activity(reader, locate(reader, node.pk))
    for found in (my_activity(reader), by_id):
        assert said(found)
        assert "Secret plans" not in str(said(found))


def test_hidden_folders_leave_no_trace(db: None) -> None:
    world = restricted_world()
    world.put("f/closed/later.txt", 1)
    closed = world.node("closed")
    rename_node(world.manager, node_id=closed.pk, name="canary")
    move_node(world.manager, node_id=world.node("c.txt").pk, target=Target("f/out.txt", space_id=world.space.pk))
    move_node(world.manager, node_id=world.node("a.txt").pk, target=Target("f/canary/in.txt", space_id=world.space.pk))
    _happened(world.space.pk, closed.pk, HappeningKind.RESTRICT, world.owner)
    _happened(world.space.pk, world.node("later.txt").pk, HappeningKind.SHARE, world.owner, subject="user", id=1)
    place = locate(world.actor, world.node("f").pk)
    for found in (space_activity(world.actor, space_id=world.space.pk), node_activity(world.actor, place)):
        assert not [path for path in paths(found) if "canary" in path or "closed" in path or "later" in path]
        assert not [text for text in said(found) if "canary" in text or "closed" in text or "in.txt" in text]
        kinds = [group.kind for group in found.groups]
        assert kinds[:2] == [ActivityKind.REMOVE, ActivityKind.ADD]
        assert not {ActivityKind.RESTRICT, ActivityKind.SHARE, ActivityKind.RENAME} & set(kinds)
    managers = space_activity(world.manager, space_id=world.space.pk)
    assert {ActivityKind.RESTRICT, ActivityKind.SHARE, ActivityKind.RENAME} <= {group.kind for group in managers.groups}
    with pytest.raises(errors.NotFound):
        locate(world.actor, closed.pk)


@pytest.fixture
def world(db: None) -> SharedFolder:
    return shared_folder()


def test_a_shared_folder_by_the_path_of_its_mount(world: SharedFolder) -> None:
    world.put("new.txt")
    put(world.actor, f"{ABOVE}/canary-late.txt")
    viewer = actor_of(world.viewer)
    rename_node(viewer, node_id=mount_to(world.viewer, world.folder).pk, name="Pictures")
    found = my_activity(viewer)
    mine = {path for path in paths(found) if path.startswith("/Pictures")}
    assert "/Pictures/new.txt" in mine
    assert "/Pictures/2026/trips/alps.txt" in mine
    assert not [path for path in paths(found) | set(said(found)) if "canary" in path]
    assert said(found)[:2] == ["Viewer renamed “Photos” to “Pictures”", "Olga Owner added 3 items to “Pictures”"]
    place = seen_in_home(viewer, locate(viewer, world.node("2026").pk))
    assert paths(node_activity(viewer, place)) == {
        "/Pictures/2026",
        "/Pictures/2026/may.txt",
        "/Pictures/2026/trips",
        "/Pictures/2026/trips/alps.txt",
    }
    for node in (world.folder, mount_to(world.viewer, world.folder)):
        found = node_activity(viewer, seen_in_home(viewer, locate(viewer, node.pk)))
        assert {path for path in paths(found) if not path.startswith("/Pictures/")} == set()
        assert found.groups
    assert said(my_activity(actor_of(world.owner)))  # the owner sees all of it


def test_who_shared_and_who_read_is_for_who_may_know(world: SharedFolder) -> None:
    node = world.node("sea.txt")
    _happened(world.home.pk, node.pk, HappeningKind.READ, world.viewer)
    detail = {"subject": "user", "id": world.viewer.pk, "role": "viewer", "before": None}
    _happened(world.home.pk, world.folder.pk, HappeningKind.SHARE, world.owner, **detail)
    owner, editor, viewer = actor_of(world.owner), actor_of(world.editor), actor_of(world.viewer)
    assert said(my_activity(owner))[:2] == ["Olga Owner shared “Photos” with Viewer", "Viewer downloaded “sea.txt”"]
    assert said(node_activity(owner, locate(owner, node.pk)))[0] == "Viewer downloaded “sea.txt”"
    kinds = {group.kind for group in my_activity(editor).groups}
    assert ActivityKind.SHARE in kinds
    assert ActivityKind.READ not in kinds
    assert not {ActivityKind.SHARE, ActivityKind.READ} & {group.kind for group in my_activity(viewer).groups}


def test_a_file_that_is_shared_alone(world: SharedFolder) -> None:
    late = put(world.actor, f"{ABOVE}/canary-alone.txt", b"1").node
    other = make_member(world.owner, email="alone@example.com")
    world.share(other, Role.VIEWER, late)
    put(world.actor, f"{ABOVE}/canary-alone.txt", b"2")
    reader = actor_of(other)
    mount = mount_to(other, late)
    rename_node(reader, node_id=mount.pk, name="note.txt")
    rename_node(world.actor, node_id=late.pk, name="canary-other.txt")
    for found in (my_activity(reader), node_activity(reader, locate(reader, mount.pk))):
        assert not [text for text in [*said(found), *paths(found)] if "canary-other" in text or "above" in text]
        (write,) = [group for group in found.groups if group.kind == ActivityKind.EDIT]
        assert (write.items[0].path, write.folder_id) == ("/note.txt", None)


def test_it_ends_with_the_right_to_see(world: SharedFolder) -> None:
    viewer, place = actor_of(world.viewer), locate(actor_of(world.viewer), world.folder.pk)
    assert node_activity(viewer, place).groups
    world.end(world.viewer)
    assert not [path for path in paths(my_activity(viewer)) if "sea.txt" in path]
    with pytest.raises(errors.NotFound):
        locate(viewer, world.folder.pk)


def test_strangers_and_nobody(actor: Actor, user: User, stranger: User) -> None:
    put(actor, "a.txt")
    for who in (actor_of(stranger), Actor()):
        with pytest.raises(errors.NotFound):
            space_activity(who, space_id=home_of(user).pk)
        with pytest.raises(errors.NotFound):
            locate(who, Node.objects.get(name="a.txt").pk)
    assert said(my_activity(actor_of(stranger))) == []
    with pytest.raises(errors.NotFound):
        my_activity(Actor())


def test_a_page_costs_the_same_for_any_journal(world: SharedFolder) -> None:
    owner, viewer = world.actor, actor_of(world.viewer)

    def cost() -> list[int]:
        found = []
        folder, home = locate(owner, world.folder.pk), get_space(owner, None).pk
        for read in (
            lambda: my_activity(owner, limit=10),
            lambda: my_activity(viewer, limit=10),
            lambda: node_activity(owner, folder, limit=10),
            lambda: space_activity(owner, space_id=home, limit=10),
        ):
            with CaptureQueriesContext(connection) as queries:
                read()
            found.append(len(queries))
        return found

    world.put("first.txt"), put(world.actor, "own.txt")
    before = cost()
    for number in range(40):
        world.put(f"d{number}/f.txt"), put(world.actor, f"o{number}/f.txt")
    assert cost() == before
    assert before[3] == 4  # the whole of one's own home: the space, two windows, the lines


def test_a_page_reads_a_bounded_number_of_lines(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_reading, "ROWS_OF_FILTER", 8)
    monkeypatch.setattr(activity_reading, "LEAST", 4)
    put(actor, "wanted.txt")
    trash_nodes(actor, node_ids=[Node.objects.get(name="wanted.txt").pk])
    for number in range(40):
        put(actor, f"f{number}.txt")
    asked = Asked(kinds=frozenset({ActivityKind.DELETE}))
    found = my_activity(actor, asked)
    assert (found.groups, found.end is None) == ([], False)  # it was looked for in the first lines only
    pages = 1
    while not found.groups:
        found, pages = my_activity(actor, asked, after=found.end), pages + 1
    assert 2 < pages < 12


def _happened(space_id: int, node_id: int, kind: HappeningKind, by: User, **detail: Any) -> None:
    Happening.objects.create(
        space_id=space_id, node_id=node_id, kind=kind, actor=by, principal="user", detail=detail, at=now()
    )
