"""files.queries.mounts and walking: what is mounted in a home is met there by its owner alone, by path and by id."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files import errors
from files.access.rights import Right, Role
from files.actions.create_folder import create_folder
from files.actions.grants import change_space, remove_grant
from files.actions.mounts import reconcile_all
from files.actions.move import move_node, rename_node
from files.models import Grant, Mount, Node, Space
from files.queries import listing
from files.queries.file_content import file_at_path
from files.queries.listing import list_folder, list_rows, list_whole
from files.queries.many_paths import ids_of_paths
from files.queries.mounts import Mounts, follows, mounts_in, owns
from files.queries.past import past_by_id, past_by_path
from files.queries.subtree import walk as walk_below
from files.queries.target import Target
from files.queries.tree import find, get_space, locate, locate_folder, locate_many, locate_path, walk
from tests.support.mounts import let_in, mount_of, mounted_space
from tests.support.people import SYSTEM, actor_of, make_member
from tests.support.shared_folders import FOLDER, SharedFolder, mount_to, shared_folder
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def space(actor: Actor) -> Space:
    """With `docs/a.txt` in it, mounted as /Plans."""
    made = mounted_space(actor)
    put(actor, "docs/a.txt", b"hello", space_id=made.pk)
    return made


def names(actor: Actor, path: str = "/") -> list[str]:
    return [node.name for node in list_folder(actor, locate_path(actor, path)).entries]


def test_a_path_leads_through_the_mount_into_the_space(actor: Actor, user: User, space: Space) -> None:
    mount = mount_of(user, space)
    at = locate_path(actor, "/Plans")
    assert (at.node, at.space, at.is_mount, at.path) == (mount, home_of(user), True, "/Plans")
    assert (at.entered.node.pk, at.entered.space, at.entered.path) == (space.root_id, space, "/Plans")
    assert at.shown.size == 5
    file = locate_path(actor, "/Plans/docs/a.txt")
    assert (file.space, file.path, file.is_mount) == (space, "/Plans/docs/a.txt", False)
    assert file.mount is not None
    assert (file.mount.node, file.path_in_space) == (mount, "/docs/a.txt")
    assert file.path_of_ancestor(file.ancestors[-1].id) == "/Plans/docs"
    assert file.path_of_ancestor(space.root_id or 0) == "/Plans"
    assert locate(actor, file.node.pk).path == "/docs/a.txt"  # by its id it is in its space
    assert file_at_path(actor, "/Plans/docs/a.txt").node_id == file.node.pk
    for path, error in (("/Plans/b", errors.NotFound), ("/Plans/no/b", errors.ParentNotFound)):
        with pytest.raises(error):
            locate_path(actor, path)


def test_by_id_the_mount_and_what_is_in_it(actor: Actor, user: User, space: Space) -> None:
    mount = mount_of(user, space)
    place = locate(actor, mount.pk)
    assert (place.path, place.is_mount, place.entered.node.pk) == ("/Plans", True, space.root_id)
    assert locate_folder(actor, mount.pk).node.pk == space.root_id
    both = locate_many(actor, [space.root_id or 0, mount.pk])
    assert [found.is_mount for found in both] == [False, True]


def test_many_paths_through_mounts(actor: Actor, user: User, space: Space) -> None:
    own = put(actor, "own.txt").node
    inner = locate_path(actor, "/Plans/docs/a.txt").node
    paths = ["/own.txt", "/Plans/docs/a.txt", "/Plans"]
    assert ids_of_paths(actor, paths) == [own.pk, inner.pk, mount_of(user, space).pk]
    assert ids_of_paths(actor, ["/Plans/docs"]) == [inner.parent_id]
    with pytest.raises(errors.NotFound):
        ids_of_paths(actor, ["/own.txt", "/Plans/no"])


def test_who_else_sees_the_folder_does_not_see_the_mount(actor: Actor, user: User, space: Space) -> None:
    """Nor does the system, nor who has been given the folder that it is in."""
    other = make_member(user)
    reconcile_all()
    put(actor, "sub/x.txt")
    folder = locate_path(actor, "/sub")
    move_node(actor, node_id=mount_of(user, space).pk, target=Target("/sub/Plans"))
    Grant.objects.create(node=folder.node, space=folder.space, user=other, role=Role.MANAGER)
    them = actor_of(other)
    for who in (them, SYSTEM):
        place = locate(who, folder.node.pk)
        assert [node.name for node in list_folder(who, place).entries] == ["x.txt"]
        assert [row[2] for row in list_rows(who, place).entries] == ["x.txt"]
        assert [row[2] for page in list_whole(who, place) for row in page] == ["x.txt"]
        assert [item.names for item in walk_below(who, [((), place)])] == [("x.txt",)]
        with pytest.raises(errors.NotFound):
            locate(who, mount_of(user, space).pk)
    home = Space.objects.get(pk=folder.space.pk)
    assert walk(home, ["sub", "Plans", "docs"])[-1].pk == folder.node.pk
    with pytest.raises(errors.ParentNotFound):
        find(SYSTEM, home, ["sub", "Plans", "docs"])
    with pytest.raises(errors.NotFound):
        create_folder(them, target=Target("Plans/new", parent_id=folder.node.pk))
    with pytest.raises(errors.NotFound):
        file_at_path(them, "/sub/Plans/docs/a.txt", space_id=home.pk)
    assert names(actor, "/sub") == ["Plans", "x.txt"]


def test_queries_of_a_home_without_mounts_and_through_one(
    actor: Actor, space: Space, django_assert_num_queries: Any
) -> None:
    """One more through a mount: who may do what in the space. A folder of the home that is shown: those two of all
    mounts, once."""
    put(actor, "a/b.txt")
    with django_assert_num_queries(2):
        own = locate_path(actor, "/a")
    with django_assert_num_queries(3):
        inner = locate_path(actor, "/Plans/docs")
    with django_assert_num_queries(1):
        list_rows(actor, inner)
    with django_assert_num_queries(0):
        assert inner.etag
    with django_assert_num_queries(2):
        assert own.etag == own.node.etag
    with django_assert_num_queries(1):
        list_rows(actor, own)
    with django_assert_num_queries(2):
        file_at_path(actor, "/Plans/docs/a.txt")
    with django_assert_num_queries(1):
        file_at_path(actor, "/a/b.txt")


def test_without_mounts_nothing_is_asked(stranger: User, django_assert_num_queries: Any) -> None:
    actor = actor_of(stranger)
    put(actor, "a/b.txt")
    with django_assert_num_queries(2):
        place = locate_path(actor, "/a")
    with django_assert_num_queries(1):
        assert place.mounts is None
        assert place.etag == place.node.etag
        list_rows(actor, place)


def test_a_listing_tells_what_the_target_holds(actor: Actor, user: User, space: Space) -> None:
    put(actor, "own.txt", b"x")
    root = locate_path(actor, "/")
    rows = {row[2]: dict(zip(listing.COLUMNS, row, strict=True)) for row in list_rows(actor, root).entries}
    target = Node.objects.get(pk=space.root_id)
    assert rows["Plans"]["n.id"] == mount_of(user, space).pk
    assert (rows["Plans"]["n.size"], rows["Plans"]["n.descendants"], rows["Plans"]["n.seq"]) == (5, 2, target.seq)
    assert [node.size for node in list_folder(actor, root).entries] == [5, 1]
    whole = [row[2] for page in list_whole(actor, root, limit=1) for row in page]
    assert whole == ["Plans", "own.txt"]
    home = home_of(user)
    assert home.root is not None
    assert (home.root.size, home.root.descendants) == (1, 1)  # a mount adds nothing
    paged = list_rows(actor, root, limit=1)
    assert [row[2] for row in list_rows(actor, root, limit=1, after=paged.after).entries] == ["own.txt"]


def test_etags_climb(actor: Actor, user: User, space: Space) -> None:
    """From anything in the space to the mount and to all folders above it, and nowhere else."""
    put(actor, "in/deep/x.txt"), put(actor, "beside/y.txt")
    mount = mount_of(user, space)
    move_node(actor, node_id=mount.pk, target=Target("/in/deep/Plans"))

    def tags() -> dict[str, str]:
        return {path: locate_path(actor, path).etag for path in ("/", "/in", "/in/deep", "/in/deep/Plans", "/beside")}

    before, home_seq = tags(), home_of(user).seq
    put(actor, "docs/a.txt", b"other", space_id=space.pk)
    after = tags()
    assert home_of(user).seq == home_seq
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {"/", "/in", "/in/deep", "/in/deep/Plans"}
    rename_node(actor, node_id=mount.pk, name="Ours")
    assert locate(actor, mount.pk).etag == after["/in/deep/Plans"]  # a name is no content
    assert locate_path(actor, "/in").etag != after["/in"]
    root = locate_path(actor, "/in")
    assert root.mounts is not None
    (row,) = [row for row in list_rows(actor, root).entries if row[2] == "deep"]
    assert root.mounts.etag(row[0], row[4]) == locate_path(actor, "/in/deep").etag


def test_access_that_ends_takes_the_mount_away_at_once(actor: Actor, user: User) -> None:
    member = make_member(user)
    closed = mounted_space(actor, "Closed", is_open=False)
    let_in(actor, closed, member)
    put(actor, "a.txt", space_id=closed.pk)
    them = actor_of(member)
    before = locate_path(them, "/").etag
    assert (names(them), names(them, "/Closed")) == (["Closed"], ["a.txt"])
    remove_grant(actor, grant_id=Grant.objects.get(user=member).pk)
    mount = mount_of(member, closed)  # the job has not run yet
    assert names(them) == []
    assert [row[2] for page in list_whole(them, locate_path(them, "/")) for row in page] == []
    assert locate_path(them, "/").etag != before
    for path in ("/Closed", "/Closed/a.txt"):
        with pytest.raises(errors.NotFound):
            locate_path(them, path)
        with pytest.raises(errors.NotFound):
            ids_of_paths(them, [path])
    with pytest.raises(errors.NotFound):
        locate(them, mount.pk)
    with pytest.raises(errors.NotFound):
        file_at_path(them, "/Closed/a.txt")
    for path in ("/Closed", "/Closed/new"):  # its name is taken until the job has run: nothing is written beside it
        with pytest.raises(errors.NotFound):
            create_folder(them, target=Target(path))
    reconcile_all()
    assert not Mount.objects.filter(user=member).exists()
    assert create_folder(them, target=Target("/Closed"))[1]


def test_a_listing_is_never_partial(actor: Actor, user: User, space: Space) -> None:
    """What should be there and cannot be found fails the listing: a sync client would delete its copy otherwise."""
    mount = mount_of(user, space)
    Mount.objects.filter(node=mount).update(target_id=10**9)
    Node.objects.filter(pk=mount.pk).update(target_id=10**9)
    for ask in (
        lambda: list_rows(actor, locate_path(actor, "/")),
        lambda: list_folder(actor, locate_path(actor, "/")),
        lambda: next(list_whole(actor, locate_path(actor, "/"))),
        lambda: locate_path(actor, "/").etag,
        lambda: locate_path(actor, "/Plans"),
        lambda: locate_path(actor, "/Plans/docs"),
        lambda: locate(actor, mount.pk),
        lambda: file_at_path(actor, "/Plans/docs/a.txt"),
    ):
        with pytest.raises(errors.MountUnavailable):
            ask()


def test_a_viewer_may_rename_and_move_the_mount_but_write_nothing_in_it(actor: Actor, user: User) -> None:
    member = make_member(user)
    closed = mounted_space(actor, "Closed", is_open=False)
    let_in(actor, closed, member)
    them, mount = actor_of(member), mount_of(member, closed)
    moved = rename_node(them, node_id=mount.pk, name="Theirs")
    assert (moved.place.path, moved.place.entered.path) == ("/Theirs", "/Theirs")
    place = locate_path(them, "/Theirs")
    assert place.access.allows(Right.DELETE)
    assert not place.entered.access.allows(Right.CREATE)
    with pytest.raises(errors.Forbidden):
        put(them, "/Theirs/a.txt")
    change_space(actor, space_id=closed.pk, name="Renamed")  # by its manager: the name here is the receiver's
    reconcile_all()
    assert names(them) == ["Theirs"]
    assert Space.objects.get(pk=closed.pk).root is not None


def test_a_folder_as_it_was_through_a_mount(actor: Actor, user: User, space: Space) -> None:
    moment = now()
    put(actor, "docs/later.txt", space_id=space.pk), put(actor, "own.txt")

    def then(path: str, at: Any) -> list[str]:
        return [entry.name for entry in past_by_path(actor, path=path, moment=at).entries]

    assert then("/Plans/docs", moment) == ["a.txt"]
    assert then("/Plans/docs", now()) == ["a.txt", "later.txt"]
    assert then("/", moment) == ["Plans"]
    mount = mount_of(user, space)
    assert [entry.name for entry in past_by_id(actor, node_id=mount.pk, moment=moment).entries] == ["docs"]
    page = past_by_path(actor, path="/Plans/docs", moment=now(), limit=1)
    assert page.after == 1
    rest = past_by_path(actor, path="/Plans/docs", moment=now(), seq=page.seq, after=1)
    assert ([entry.name for entry in rest.entries], rest.path) == (["later.txt"], "/Plans/docs")


def test_everything_below_a_folder_holds_what_is_mounted_there(actor: Actor, user: User, space: Space) -> None:
    put(actor, "in/x.txt")
    move_node(actor, node_id=mount_of(user, space).pk, target=Target("/in/Plans"))
    place = locate_path(actor, "/in")
    found = {item.names for item in walk_below(actor, [((), place)])}
    assert found == {("x.txt",), ("Plans",), ("Plans", "docs"), ("Plans", "docs", "a.txt")}
    mount = locate_path(actor, "/in/Plans")
    assert {item.names for item in walk_below(actor, [(("P",), mount)])} == {
        ("P",),
        ("P", "docs"),
        ("P", "docs", "a.txt"),
    }


def test_get_space_knows_how_many_mounts_there_are(actor: Actor, user: User, space: Space) -> None:
    assert get_space(actor, None).mounts == 1
    assert Space.objects.get(pk=space.pk).mounts == 0


def test_whose_mounts_are_followed(actor: Actor, user: User, space: Space, stranger: User) -> None:
    home = home_of(user)
    assert (owns(actor, home), follows(actor, home)) == (True, True)
    assert (owns(actor, space), follows(actor, space), follows(SYSTEM, home)) == (False, False, False)
    assert mounts_in(actor_of(stranger), home) is None
    mounts = Mounts(actor, home)
    assert [place.path for place in mounts.all()] == ["/Plans"]
    assert mounts.ids == [mount_of(user, space).pk]
    assert mounts.of_target(space.root_id or 0) == mounts.get(mounts.ids[0])
    docs = locate(actor, locate_path(actor, "/Plans/docs").node.pk)
    assert (docs.path, mounts.seen(docs).path) == ("/docs", "/Plans/docs")


# Of a folder that is not the top of its space


@pytest.fixture
def shared(pool: Any) -> SharedFolder:
    return shared_folder()


def test_a_folder_in_the_middle_of_a_home(shared: SharedFolder, django_assert_num_queries: Any) -> None:
    """One query more than for a whole space: the way to it."""
    them = actor_of(shared.viewer)
    with django_assert_num_queries(5):
        place = locate_path(them, "/Photos/2026/may.txt")
    assert (place.path, place.space, place.path_of_ancestor(shared.folder.pk)) == (
        "/Photos/2026/may.txt",
        shared.home,
        "/Photos",
    )
    assert place.path_of_ancestor(place.ancestors[0].id) is None
    with django_assert_num_queries(3):
        assert file_at_path(them, "/Photos/2026/may.txt").name == "may.txt"
    mounts = Mounts(them, home_of(shared.viewer))
    with django_assert_num_queries(3):
        assert [found.path for found in mounts.all()] == ["/Photos"]
    assert mounts.seen(locate(them, place.node.pk)).path == "/Photos/2026/may.txt"


def test_moved_down_in_the_home_and_out_of_the_middle_in_one_query(
    shared: SharedFolder, django_assert_num_queries: Any
) -> None:
    them = actor_of(shared.viewer)
    put(them, "in/deep/x.txt")
    move_node(them, node_id=mount_to(shared.viewer, shared.folder).pk, target=Target("/in/deep/Seen"))
    mounts = Mounts(them, home_of(shared.viewer))
    with django_assert_num_queries(3):
        assert [found.path for found in mounts.all()] == ["/in/deep/Seen"]
    assert ids_of_paths(them, ["/in/deep/Seen/sea.txt", "/in/deep/x.txt"])[0] == shared.node("sea.txt").pk


def test_a_mount_in_it_is_its_owners_alone(shared: SharedFolder) -> None:
    them, inner = actor_of(shared.editor), mounted_space(shared.actor, "Plans")
    put(shared.actor, "a.txt", space_id=inner.pk)
    row = mount_of(shared.owner, inner)
    move_node(shared.actor, node_id=row.pk, target=Target(f"{FOLDER}/Inner"))
    assert names(them, "/Photos") == ["2026", "sea.txt"]
    for path in ("/Photos/Inner", "/Photos/Inner/a.txt"):
        for ask in (locate_path, file_at_path):
            with pytest.raises(errors.NotFound):
                ask(them, path)
        with pytest.raises(errors.NotFound):
            ids_of_paths(them, [path, "/Photos/sea.txt"])
        with pytest.raises(errors.NotFound):
            create_folder(them, target=Target(path))
    assert file_at_path(shared.actor, f"{FOLDER}/Inner/a.txt").name == "a.txt"


def test_the_way_to_a_folder_that_is_hidden_from_them_ends(shared: SharedFolder) -> None:
    """In the trash, or out of sight: at once."""
    them = actor_of(shared.viewer)
    Grant.objects.filter(node=shared.folder, user=shared.viewer).update(can_download=False)
    assert locate_path(them, "/Photos/sea.txt").path == "/Photos/sea.txt"
    with pytest.raises(errors.Forbidden):
        file_at_path(them, "/Photos/sea.txt")
    Node.objects.filter(pk=shared.folder.pk).update(parent=None)
    for ask in (locate_path, file_at_path):
        with pytest.raises(errors.NotFound):
            ask(them, "/Photos/sea.txt")
    assert names(them) == []
    Node.objects.filter(pk=shared.folder.pk).update(parent=shared.node("canary-deeper"))
