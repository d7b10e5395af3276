"""files.queries.feed: what changed in a home and in what is mounted in it, by one position over several journals."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.access.rights import Role
from files.actions.create_folder import create_folder
from files.actions.grants import change_space
from files.actions.mounts import bring_back, reconcile_all
from files.actions.move import move_node, rename_node
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.actions.trash import restore_items, trash_nodes
from files.models import Change, Grant, Mount, Node, Space
from files.queries import feed as feed_module
from files.queries.feed import Feed, Position, feed_since, position_now
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from tests.support.mounts import mount_of, mounted_space
from tests.support.people import actor_of, make_member
from tests.support.shared_folders import ABOVE, FOLDER, SharedFolder, mount_to, shared_folder
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
WHOLE = Position(None, mounted={})


def told(feed: Feed) -> list[tuple[str, str]]:
    """Kind and path as it is shown."""
    found = []
    for line in feed.lines:
        path = line.change.after_path or line.change.before_path
        found.append((line.change.kind, path if line.place is None else line.place.path + path))
    return found


def follow(actor: Actor, position: Position, limit: int = 100) -> tuple[list[tuple[str, str]], Position]:
    """All pages."""
    found: list[tuple[str, str]] = []
    while True:
        feed = feed_since(actor, position, limit=limit)
        found, position = found + told(feed), feed.position
        if not feed.has_more:
            return found, position


def test_home_and_mounts_in_the_order_of_time(actor: Actor, user: User) -> None:
    space, other = mounted_space(actor, "Plans"), mounted_space(actor, "Other")
    start = position_now(actor, space_id=None, with_mounts=True)
    put(actor, "own.txt"), put(actor, "/Plans/a.txt"), put(actor, "/Other/b.txt"), put(actor, "last.txt")
    expected = [("create", "/own.txt"), ("create", "/Plans/a.txt"), ("create", "/Other/b.txt"), ("create", "/last.txt")]
    assert follow(actor, start) == (expected, position_now(actor, space_id=None, with_mounts=True))
    assert follow(actor, start, limit=1)[0] == expected
    assert set(start.mounted or {}) == {space.pk, other.pk}
    alone = Position(None, start.seq, None)
    assert follow(actor, alone)[0] == [expected[0], expected[3]]
    of_space = Position(space.pk, 0, {})
    assert follow(actor, of_space) == ([("create", "/a.txt")], Position(space.pk, 1, {}, {}))


def test_paths_are_those_of_now(actor: Actor, user: User) -> None:
    space = mounted_space(actor, "Plans")
    start = position_now(actor, space_id=None, with_mounts=True)
    put(actor, "a.txt", space_id=space.pk)
    put(actor, "in/x.txt")
    move_node(actor, node_id=mount_of(user, space).pk, target=Target("/in/Ours"))
    lines = follow(actor, start)[0]
    assert ("create", "/in/Ours/a.txt") in lines
    assert lines[-1] == ("move", "/in/Ours")


def test_a_mount_that_appears_goes_and_comes_back(actor: Actor, user: User) -> None:
    start = position_now(actor, space_id=None, with_mounts=True)
    assert start.mounted == {}
    space = mounted_space(actor, "Plans")
    put(actor, "before.txt", space_id=space.pk)
    lines, position = follow(actor, start)
    assert lines == [("create", "/Plans")]  # its folder is to be listed: what was in it before is not told
    assert Change.objects.get(space=home_of(user), kind="create").target_id == space.root_id
    put(actor, "after.txt", space_id=space.pk)
    lines, position = follow(actor, position)
    assert lines == [("create", "/Plans/after.txt")]
    trash_nodes(actor, node_ids=[mount_of(user, space).pk])
    put(actor, "unseen.txt", space_id=space.pk)
    lines, position = follow(actor, position)
    assert lines == [("trash", "/Plans")]
    bring_back(actor, mount_id=Mount.objects.get(user=user).pk)
    lines, position = follow(actor, position)
    assert lines[-1] == ("create", "/Plans")
    assert ("create", "/Plans/unseen.txt") in lines  # nothing is skipped, though the listing has it too


def test_access_that_ends_ends_the_lines_at_once(actor: Actor, user: User) -> None:
    member = make_member(user)
    space = mounted_space(actor, "Plans")
    them = actor_of(member)
    start = position_now(them, space_id=None, with_mounts=True)
    change_space(actor, space_id=space.pk, is_open=False)
    put(actor, "secret.txt", space_id=space.pk)
    feed = feed_since(them, start, limit=100)
    assert (told(feed), feed.has_more, feed.has_news()) == ([], False, False)
    put(actor, "secret2.txt", space_id=space.pk)
    assert not feed.has_news()  # nor is a long poll woken by it
    assert feed.position.mounted == start.mounted
    Grant.objects.create(node_id=space.root_id, space=space, user=member, role=Role.VIEWER)
    assert follow(them, feed.position)[0] == [("create", "/Plans/secret.txt"), ("create", "/Plans/secret2.txt")]
    Grant.objects.filter(user=member).delete()
    reconcile_all()
    assert follow(them, feed.position)[0] == [("trash", "/Plans")]


def test_a_wait_ends_with_any_of_them(actor: Actor, user: User, django_assert_num_queries: Any) -> None:
    space = mounted_space(actor, "Plans")
    feed = feed_since(actor, position_now(actor, space_id=None, with_mounts=True), limit=10)
    with django_assert_num_queries(1):
        assert not feed.has_news()
    put(actor, "a.txt", space_id=space.pk)
    assert feed.has_news()
    feed = feed_since(actor, position_now(actor, space_id=None, with_mounts=True), limit=10)
    rename_node(actor, node_id=mount_of(user, space).pk, name="Ours")
    assert feed.has_news()


def test_pages_of_one_journal_and_whose_it_is(actor: Actor, user: User, outsider: Actor) -> None:
    for name in "abc":
        put(actor, name)
    home = home_of(user).pk
    numbers = [
        [line.change.seq for line in feed_since(actor, Position(home, seq), limit=limit).lines]
        for seq, limit in ((0, 100), (0, 2), (2, 2), (3, 100))
    ]
    assert numbers == [[1, 2, 3], [1, 2], [3], []]
    assert not feed_since(outsider, WHOLE, limit=100).lines
    with pytest.raises(errors.NotFound):
        feed_since(outsider, Position(home), limit=1)


def test_queries(actor: Actor, django_assert_num_queries: Any) -> None:
    put(actor, "a.txt")
    with django_assert_num_queries(2):
        position = feed_since(actor, WHOLE, limit=10).position
    with django_assert_num_queries(1):
        feed_since(actor, position, limit=10)
    space = mounted_space(actor, "Plans")
    put(actor, "b.txt", space_id=space.pk)
    with django_assert_num_queries(4):  # home, its lines, the mounts and their grants
        position = feed_since(actor, position, limit=10).position
    put(actor, "c.txt", space_id=space.pk)
    with django_assert_num_queries(4):
        feed_since(actor, position, limit=10)


def test_a_position_that_no_journal_has(actor: Actor, user: User) -> None:
    space = mounted_space(actor, "Plans")
    seq = Space.objects.get(pk=home_of(user).pk).seq
    for position in (
        Position(None, seq + 1, {}),
        Position(None, -1, {}),
        Position(None, 0, {space.pk: 1}),
    ):
        with pytest.raises(errors.CursorReset):
            feed_since(actor, position, limit=1)
    assert locate_path(actor, "/Plans").is_mount


# A folder out of the middle of a space


@pytest.fixture
def shared(pool: Any) -> SharedFolder:
    return shared_folder()


def now_of(actor: Actor) -> Position:
    return position_now(actor, space_id=None, with_mounts=True)


def test_of_a_folder_what_is_below_it(shared: SharedFolder) -> None:
    them = actor_of(shared.viewer)
    start = now_of(them)
    assert start.mounted == {-shared.folder.pk: shared.folder.seq}
    put(shared.actor, f"{ABOVE}/canary-other.txt"), put(shared.actor, "elsewhere.txt")
    shared.put("new.txt"), put(them, "own.txt"), shared.put("2026/deep/x.txt")
    rename_node(shared.actor, node_id=shared.node("canary-deeper").pk, name="canary-renamed")
    lines, position = follow(them, start)
    assert lines == [
        ("create", "/Photos/new.txt"),
        ("create", "/own.txt"),
        ("create", "/Photos/2026/deep"),
        ("create", "/Photos/2026/deep/x.txt"),
    ]
    assert follow(them, start, limit=1)[0] == lines
    assert position == now_of(them)
    assert position.mounted == {-shared.folder.pk: shared.folder.seq}


def test_moves_over_its_edge_are_gone_and_new(shared: SharedFolder) -> None:
    them = actor_of(shared.viewer)
    start = now_of(them)
    sea, beside = shared.node("sea.txt"), shared.node("canary-beside.txt")
    move_node(shared.actor, node_id=sea.pk, target=Target(f"{ABOVE}/canary-out.txt"))
    move_node(shared.actor, node_id=beside.pk, target=Target(f"{FOLDER}/in.txt"))
    trash_nodes(shared.actor, node_ids=[shared.node("trips").pk])
    feed = feed_since(them, start, limit=10)
    told_of = [
        (line.change.kind, line.change.before_path, line.change.after_path, line.change.before_name)
        for line in feed.lines
    ]
    assert told_of == [
        ("move", "/sea.txt", "", "sea.txt"),
        ("move", "", "/in.txt", ""),
        ("trash", "/2026/trips", "", "trips"),
    ]
    assert feed.lines[0].change.after_parent_id is None
    assert feed.lines[1].change.before_parent_id is None
    assert {line.place.path for line in feed.lines if line.place} == {"/Photos"}


def test_what_happens_to_the_folder_itself_is_nothing(shared: SharedFolder) -> None:
    """It is renamed, moved, or its owner mounts something in it."""
    them = actor_of(shared.viewer)
    start = now_of(them)
    rename_node(shared.actor, node_id=shared.folder.pk, name="canary-name")
    folder = shared.node("canary-name")
    move_node(shared.actor, node_id=folder.pk, target=Target("/canary-top"))
    space = create_team_space(shared.actor, name="Canary space")
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node_id=space.root_id, space=space, user=shared.owner, role=Role.MANAGER)
    reconcile_all()
    move_node(shared.actor, node_id=mount_of(shared.owner, space).pk, target=Target("/canary-top/canary-mount"))
    feed = feed_since(them, start, limit=10)
    assert (told(feed), feed.has_more) == ([], False)
    put(shared.actor, "/canary-top/2026/more.txt")
    assert told(feed_since(them, feed.position, limit=10)) == [("create", "/Photos/2026/more.txt")]


def test_a_wait_is_woken_by_what_is_below_it_alone(shared: SharedFolder, django_assert_num_queries: Any) -> None:
    them = actor_of(shared.viewer)
    mounted_space(shared.actor, "Plans")
    feed = feed_since(them, now_of(them), limit=10)
    put(shared.actor, f"{ABOVE}/canary-other.txt")
    with django_assert_num_queries(1):
        assert not feed.has_news()
    shared.put("new.txt")
    assert feed.has_news()


def test_two_folders_of_one_home(shared: SharedFolder) -> None:
    put(shared.actor, "/other/Music/a.txt")
    shared.share(shared.viewer, Role.VIEWER, shared.node("Music"))
    them = actor_of(shared.viewer)
    start = now_of(them)
    assert set(start.mounted or {}) == {-shared.folder.pk, -shared.node("Music").pk}
    shared.put("one.txt"), put(shared.actor, "/other/Music/two.txt")
    move_node(shared.actor, node_id=shared.node("a.txt").pk, target=Target(f"{FOLDER}/a.txt"))
    expected = [
        ("create", "/Photos/one.txt"),
        ("create", "/Music/two.txt"),
        ("move", "/Music/a.txt"),
        ("move", "/Photos/a.txt"),
    ]
    assert sorted(follow(them, start)[0]) == sorted(expected)
    assert follow(them, start, limit=1)[0] == follow(them, start)[0]


def test_a_folder_behind_something_hidden_beside_its_space(shared: SharedFolder) -> None:
    """The space is mounted, and the folder in it that is shared for itself."""
    space = create_team_space(shared.actor, name="Plans")
    put(shared.actor, "f/closed/d/e.txt", space_id=space.pk)
    inner, closed = Node.objects.get(space=space, name="d"), Node.objects.get(space=space, name="closed")
    restrict(shared.actor, node_id=closed.pk)
    shared.share(shared.viewer, Role.VIEWER, inner)
    them = actor_of(shared.viewer)
    start = now_of(them)
    assert {space.pk, -inner.pk} <= set(start.mounted or {})
    put(shared.actor, "f/closed/secret.txt", space_id=space.pk)
    put(shared.actor, "f/seen.txt", space_id=space.pk), put(shared.actor, "f/closed/d/new.txt", space_id=space.pk)
    assert follow(them, start)[0] == [("create", "/Plans/f/seen.txt"), ("create", "/d/new.txt")]


def test_what_is_hidden_elsewhere_resets_nothing(shared: SharedFolder) -> None:
    space = create_team_space(shared.actor, name="Plans")
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node_id=space.root_id, space=space, user=shared.owner, role=Role.MANAGER)
    for path in ("top/given/sub/x.txt", "top/beside/y.txt"):
        put(shared.actor, path, space_id=space.pk)
    rows = {node.name: node for node in Node.objects.filter(space=space)}
    shared.share(shared.viewer, Role.VIEWER, rows["given"])
    them = actor_of(shared.viewer)
    start = now_of(them)
    restrict(shared.actor, node_id=rows["beside"].pk)
    assert follow(them, start)[0] == []
    restrict(shared.actor, node_id=rows["sub"].pk)
    with pytest.raises(errors.CursorReset):
        feed_since(them, start, limit=10)
    put(shared.actor, "top/given/sub/z.txt", space_id=space.pk)
    put(shared.actor, "top/given/seen.txt", space_id=space.pk)
    assert follow(them, now_of(them))[0] == []
    start = now_of(them)
    put(shared.actor, "top/given/sub/z2.txt", space_id=space.pk)
    put(shared.actor, "top/given/seen2.txt", space_id=space.pk)
    assert follow(them, start)[0] == [("create", "/given/seen2.txt")]


def test_a_folder_that_moves_to_another_space_starts_again(shared: SharedFolder) -> None:
    """The numbers there are others: nothing between them may be lost."""
    them = actor_of(shared.viewer)
    space = create_team_space(shared.actor, name="Plans")
    for number in range(60):
        create_folder(shared.actor, target=Target(f"/n{number}", space_id=space.pk))
    Space.objects.filter(pk=space.pk).update(is_open=False)
    Grant.objects.create(node_id=space.root_id, space=space, user=shared.owner, role=Role.MANAGER)
    start = now_of(them)
    shared.put("before.txt")
    move_node(shared.actor, node_id=shared.folder.pk, target=Target("/Photos", space_id=space.pk))
    with pytest.raises(errors.CursorReset):
        feed_since(them, start, limit=10)
    start = now_of(them)
    put(shared.actor, "Photos/after.txt", space_id=space.pk)
    assert follow(them, start)[0] == [("create", "/Photos/after.txt")]


def test_much_of_something_else_is_read_in_batches(shared: SharedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "BATCH", 2)
    monkeypatch.setattr(feed_module, "BATCHES", 2)
    them = actor_of(shared.viewer)
    start = now_of(them)
    for number in range(11):
        create_folder(shared.actor, target=Target(f"/n{number}"))
    shared.put("new.txt")
    feed = feed_since(them, start, limit=10)
    assert (told(feed), feed.has_more) == ([], True)
    assert follow(them, start)[0] == [("create", "/Photos/new.txt")]


def test_queries_of_a_folder(shared: SharedFolder, django_assert_num_queries: Any) -> None:
    """The way to it is one query more than for a space; with news four: the lines, where they are, and the owner's."""
    them = actor_of(shared.viewer)
    position = now_of(them)
    with django_assert_num_queries(4):
        feed_since(them, position, limit=10)
    shared.put("new.txt")
    with django_assert_num_queries(7):
        feed = feed_since(them, position, limit=10)
    assert told(feed) == [("create", "/Photos/new.txt")]


def test_away_and_back_nothing_is_skipped(shared: SharedFolder) -> None:
    them = actor_of(shared.viewer)
    start = now_of(them)
    (item,) = trash_nodes(shared.actor, node_ids=[shared.folder.pk])
    reconcile_all()
    lines, position = follow(them, start)
    assert lines == [("trash", "/Photos")]
    restore_items(shared.actor, item_ids=[item.pk])
    shared.put("unseen.txt")
    reconcile_all()
    lines, position = follow(them, position)
    assert sorted(lines) == [("create", "/Photos"), ("create", "/Photos/unseen.txt")]
    mount = mount_to(shared.viewer, shared.folder)
    move_node(them, node_id=mount.pk, target=Target("/in/Pictures"))
    shared.put("last.txt")
    assert follow(them, position)[0][-1] == ("create", "/in/Pictures/last.txt")
    assert locate(them, mount.pk).path == "/in/Pictures"
