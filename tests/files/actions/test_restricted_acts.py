"""What somebody who does not see all of a space must not reach by acts that go beyond the folder that they name."""

import pytest

from accounts.actor import Actor
from common.clock import now
from files import errors
from files.access.rights import Role
from files.actions import large_copy
from files.actions.copy import copy_node
from files.actions.large_copy import copy_batch, run_copies
from files.actions.lock import LockOptions, lock_node
from files.actions.move import move_node
from files.actions.restrictions import is_restricted, restrict, unrestrict
from files.actions.rewind import RewindResult, rewind
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, purge_items, remove_purged_rows, restore_items, trash_nodes
from files.actions.versions import restore_version
from files.actions.write_file import WriteOptions, write_file
from files.models import CopyJob, Grant, Node, Pool, Restriction, Space
from files.queries.file_content import file_of_node
from files.queries.target import Target
from files.queries.tree import locate
from files.tree import restricted
from files.tree.restricted import restricted_folders
from tests.files.queries.restricted import Restricted, restricted_world
from tests.support.clients import Api, items, problem
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put


@pytest.fixture
def world(pool: Pool) -> Restricted:
    """The member manages `/f/g`, edits the rest, and sees nothing of `/f/closed`."""
    made = restricted_world()
    g = made.node("g")
    Grant.objects.create(node=g, space=made.space, user=made.member, role=Role.MANAGER)
    return made


def moved(world: Restricted, node: Node, to: str, actor: Actor | None = None) -> None:
    move_node(actor or world.manager, node_id=node.pk, target=Target(to, space_id=world.space.pk))


def seq(world: Restricted) -> int:
    return Space.objects.get(pk=world.space.pk).seq


def rewound(world: Restricted, to: int) -> RewindResult:
    return rewind(world.actor, node_id=world.node("g").pk, seq=to)


def path_of(world: Restricted, node: Node) -> str:
    return locate(world.manager, node.pk).path


def test_a_rewind_takes_nothing_out_of_what_is_hidden(world: Restricted) -> None:
    world.put("f/g/dir/inner.txt", 5)
    b, directory, inner, then = world.node("b.txt"), world.node("dir"), world.node("inner.txt"), seq(world)
    moved(world, b, "f/closed/b-secret.txt")
    world.put("f/closed/b-secret.txt", 33)
    moved(world, directory, "f/closed/dir-secret")
    moved(world, inner, "f/closed/dir-secret/inner-secret.txt")
    world.put("f/closed/dir-secret/fresh.txt", 44)
    result = rewound(world, then)
    assert (result.moved, result.restored, result.rewritten, result.trashed, result.lost) == (0, 0, 0, 0, [])
    assert path_of(world, b) == "/f/closed/b-secret.txt"
    assert path_of(world, inner) == "/f/closed/dir-secret/inner-secret.txt"
    for_manager = rewind(world.manager, node_id=world.node("g").pk, seq=then)
    assert for_manager.moved >= 2
    assert (path_of(world, b), path_of(world, inner)) == ("/f/g/b.txt", "/f/g/dir/inner.txt")


def test_a_rewind_takes_nothing_out_of_the_trash_of_what_is_hidden(world: Restricted) -> None:
    b, then = world.node("b.txt"), seq(world)
    world.put("f/g/dir/inner.txt", 5)
    later, directory, inner = seq(world), world.node("dir"), world.node("inner.txt")
    moved(world, b, "f/closed/b.txt")
    moved(world, directory, "f/closed/dir")
    trash_nodes(world.manager, node_ids=[b.pk, directory.pk])
    assert rewound(world, later).restored == 0
    assert not Node.objects.filter(pk__in=[b.pk, inner.pk], parent=world.node("g")).exists()
    assert rewound(world, then).lost == []
    assert rewind(world.manager, node_id=world.node("g").pk, seq=later).restored == 2
    assert (path_of(world, b), path_of(world, inner)) == ("/f/g/b.txt", "/f/g/dir/inner.txt")


def test_a_rewind_puts_nothing_into_what_is_hidden(world: Restricted) -> None:
    """What has come out of there goes to the trash, and what was in a folder that is there now stays as it is."""
    c, d, then = world.node("c.txt"), world.node("d"), seq(world)
    moved(world, c, "f/g/c.txt")
    result = rewound(world, then)
    assert (result.moved, result.trashed) == (0, 1)
    assert not Node.objects.filter(parent=world.node("closed"), name="c.txt").exists()
    world.put("f/g/dir/inner.txt", 5)
    inner, later = world.node("inner.txt"), seq(world)
    trash_nodes(world.actor, node_ids=[inner.pk])
    moved(world, world.node("dir"), "f/closed/dir")
    assert rewound(world, later).restored == 0
    assert Node.objects.get(pk=inner.pk).parent_id is None
    assert d.parent_id == world.node("closed").pk


def test_a_rewind_tells_of_what_it_cannot_bring_back_where_that_is_seen(world: Restricted) -> None:
    """A member may see, and not change, where something is; and what is purged was seen where it was."""
    b, then = world.node("b.txt"), seq(world)
    Grant.objects.create(node=world.node("closed"), space=world.space, user=world.member, role=Role.VIEWER)
    moved(world, b, "f/closed/b.txt")
    assert rewound(world, then).lost == ["/f/g/b.txt"]
    moved(world, b, "f/g/b.txt")
    trash_nodes(world.manager, node_ids=[b.pk])
    empty_trash(world.manager, space_id=world.space.pk)
    remove_purged_rows()
    Grant.objects.filter(node=world.node("closed")).delete()
    assert rewound(world, then).lost == ["/f/g/b.txt"]


def test_a_copy_ends_at_a_folder_that_was_restricted_meanwhile(
    world: Restricted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever batch: neither what is in it nor its name is copied."""
    monkeypatch.setattr(large_copy, "LARGE", 2)
    monkeypatch.setattr(large_copy, "TIME", 60)
    monkeypatch.setattr(large_copy, "sleep", lambda seconds: None)
    for batch in (1, 2, 3, 200):
        monkeypatch.setattr(large_copy, "BATCH", batch)
        top = f"top{batch}"
        world.put(f"{top}/a.txt", 1)
        world.put(f"{top}/secret-{batch}/secret.txt", 1)
        secret = world.node(f"secret-{batch}")
        source = Node.objects.get(space=world.space, name=top)
        copied = copy_node(world.actor, node_id=source.pk, target=Target(f"copy{batch}", space_id=world.space.pk))
        assert copied.job is not None
        restrict(world.manager, node_id=secret.pk)
        run_copies(seconds=5)
        job = CopyJob.objects.get(pk=copied.job.pk)
        assert (job.state, job.error_code) == ("failed", "not_found")
        assert copy_batch(world.actor, copy_id=job.pk) == 0
        assert not Node.objects.filter(parent=copied.node, name=secret.name).exists()
        assert Node.objects.filter(space=world.space, name="secret.txt", parent__name=secret.name).count() == 1


@pytest.mark.parametrize("restricted_too", [True, False])
def test_a_copy_goes_on_only_with_what_its_owner_may_still_read(
    world: Restricted, monkeypatch: pytest.MonkeyPatch, restricted_too: bool
) -> None:
    """In the trash a folder is for those for whom it was where it lay."""
    monkeypatch.setattr(large_copy, "LARGE", 2)
    monkeypatch.setattr(large_copy, "BATCH", 1)
    monkeypatch.setattr(large_copy, "TIME", 60)
    monkeypatch.setattr(large_copy, "sleep", lambda seconds: None)
    for name in ("a.txt", "b.txt", "c.txt"):
        world.put(f"top/in/{name}", 1)
    copied = copy_node(world.actor, node_id=world.node("top").pk, target=Target("copy", space_id=world.space.pk))
    assert copied.job is not None
    assert copy_batch(world.actor, copy_id=copied.job.pk) + copy_batch(world.actor, copy_id=copied.job.pk) == 2
    if not restricted_too:
        trash_nodes(world.manager, node_ids=[world.node("top").pk])
        run_copies(seconds=5)
        assert CopyJob.objects.get(pk=copied.job.pk).state == "done"
        return
    restrict(world.manager, node_id=world.node("top").pk)
    trash_nodes(world.manager, node_ids=[Node.objects.get(parent=world.node("top"), name="in").pk])
    run_copies(seconds=5)
    job = CopyJob.objects.get(pk=copied.job.pk)
    assert (job.state, job.error_code, job.done) == ("failed", "not_found", 2)


def test_what_has_left_a_space_tells_nothing_there(world: Restricted) -> None:
    """Neither in the journal nor as of a time, when no other folder is restricted any more."""
    theirs, ours, d, then = Api(world.member), Api(world.owner), world.node("d"), now().isoformat()
    other = create_team_space(world.manager, name="Other")
    move_node(world.manager, node_id=world.node("closed").pk, target=Target("closed", space_id=other.pk))
    text = theirs.get("/journal", space=world.space.pk, limit=1000).content.decode()
    text += theirs.get("/folders", path="/f", space=world.space.pk, at=then).content.decode()
    assert "a.txt" in text
    assert [name for name in ("closed", "c.txt", "e.txt", str(d.pk)) if name in text] == []
    lines = items(ours.get("/journal", space=world.space.pk, limit=1000))
    assert "/f/closed/c.txt" in {line["after"]["path"] for line in lines if line["after"]}


def test_rows_of_what_has_gone_are_counted(world: Restricted, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is enough for all that have left the space; those of purged folders say which they were."""
    other = create_team_space(world.manager, name="Other")
    for turn in range(3):
        for name in ("purged", "moved"):
            world.put(f"{name}{turn}/x.txt", 1)
            restrict(world.manager, node_id=world.node(f"{name}{turn}").pk)
        trash_nodes(world.manager, node_ids=[world.node(f"purged{turn}").pk])
        leaving = Target(f"moved{turn}", space_id=other.pk)
        move_node(world.manager, node_id=world.node(f"moved{turn}").pk, target=leaving)
    assert restricted_folders(world.space.pk).count() == 4
    empty_trash(world.manager, space_id=world.space.pk)
    remove_purged_rows()
    assert restricted_folders(world.space.pk).count() == 1
    assert Restriction.objects.filter(space=world.space).count() == 5
    assert Restriction.objects.filter(space=other).count() == 3
    monkeypatch.setattr(restricted, "MAXIMUM_EVER", 5)
    with pytest.raises(errors.TooMany):
        restrict(world.manager, node_id=world.node("f").pk)


def test_the_limit_counts_the_trash_and_what_comes_from_elsewhere(
    world: Restricted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restricted, "MAXIMUM_OF_SPACE", 1)
    other = create_team_space(world.manager, name="Other")
    put(world.manager, "there/x.txt", b"x", space_id=other.pk)
    there = Node.objects.get(space=other, name="there")
    restrict(world.manager, node_id=there.pk)
    trash_nodes(world.manager, node_ids=[world.node("closed").pk])
    with pytest.raises(errors.TooMany):
        restrict(world.manager, node_id=world.node("f").pk)
    with pytest.raises(errors.TooMany):
        move_node(world.manager, node_id=there.pk, target=Target("there", space_id=world.space.pk))
    empty_trash(world.manager, space_id=world.space.pk)
    remove_purged_rows()
    move_node(world.manager, node_id=there.pk, target=Target("there", space_id=world.space.pk))


def test_versions_that_were_made_where_one_sees_nothing(world: Restricted) -> None:
    """The current one is shown, wherever it was made; those before it to who sees all, and to who made them."""
    c, first = world.node("c.txt"), world.node("c.txt").version_id or 0
    world.put("f/closed/c.txt", 61)
    moved(world, c, "f/g/c.txt")

    def sizes(api: Api) -> list[int]:
        return [version["size"] for version in items(api.get(f"/nodes/{c.pk}/versions"))]

    theirs = Api(world.member)
    assert (sizes(theirs), sizes(Api(world.owner))) == ([61], [61, 60])
    second = Node.objects.get(pk=c.pk).version_id or 0
    assert file_of_node(world.actor, c.pk, version_id=second).size == 61
    put(world.actor, "f/g/c.txt", b"theirs", space_id=world.space.pk)
    put(world.actor, "f/g/c.txt", b"later", space_id=world.space.pk)
    assert (sizes(theirs), sizes(Api(world.owner))) == ([5, 6], [5, 6, 61, 60])
    for version in (first, second):
        assert file_of_node(world.manager, c.pk, version_id=version).version_id == version
        with pytest.raises(errors.NotFound):
            file_of_node(world.actor, c.pk, version_id=version)
        with pytest.raises(errors.NotFound):
            restore_version(world.actor, node_id=c.pk, version_id=version)
    moved(world, c, "f/closed/c.txt")
    Grant.objects.create(node=world.node("closed"), space=world.space, user=world.member, role=Role.EDITOR)
    assert sizes(theirs) == [5, 6, 61, 60]


def test_what_lay_in_a_restricted_folder_comes_back_into_one(world: Restricted) -> None:
    """While that is in the trash itself for the same people, also where another folder has its name by now."""
    closed, c, e = world.node("closed"), world.node("c.txt"), world.node("e.txt")
    Grant.objects.create(node=closed, space=world.space, user=world.member, role=Role.EDITOR)
    third = actor_of(make_member(world.owner, email="third@example.com"))
    first, second = (trash_nodes(world.actor, node_ids=[node.pk])[0] for node in (c, e))
    trash_nodes(world.manager, node_ids=[closed.pk])
    (restored,) = restore_items(world.actor, item_ids=[first.pk])
    assert (restored.path, locate(world.actor, c.pk).path) == ("/f/closed/c.txt", "/f/closed/c.txt")
    with pytest.raises(errors.NotFound):
        locate(third, c.pk)
    (again,) = restore_items(world.actor, item_ids=[second.pk])
    assert again.path == "/f/closed/d/e.txt"
    with pytest.raises(errors.NotFound):
        locate(third, e.pk)


@pytest.mark.parametrize("name_is_taken", [True, False])
def test_what_lay_in_a_purged_restricted_folder_is_for_the_managers(world: Restricted, name_is_taken: bool) -> None:
    """Who was let in there is not known any more."""
    closed, c = world.node("closed"), world.node("c.txt")
    (item,) = trash_nodes(world.manager, node_ids=[c.pk])
    (of_folder,) = trash_nodes(world.manager, node_ids=[closed.pk])
    purge_items(world.manager, item_ids=[of_folder.pk])
    remove_purged_rows()
    if name_is_taken:
        world.put("f/closed/open.txt", 1)
    with pytest.raises(errors.NotFound):
        restore_items(world.actor, item_ids=[item.pk])
    (restored,) = restore_items(world.manager, item_ids=[item.pk])
    assert restored.path == ("/f/closed (2)/c.txt" if name_is_taken else "/f/closed/c.txt")
    with pytest.raises(errors.NotFound):
        locate(world.actor, c.pk)


def test_what_lay_in_an_open_folder_comes_back_into_one(world: Restricted) -> None:
    (item,) = trash_nodes(world.actor, node_ids=[world.node("b.txt").pk])
    trash_nodes(world.actor, node_ids=[world.node("g").pk])
    (restored,) = restore_items(world.actor, item_ids=[item.pk])
    assert restored.path == "/f/g/b.txt"
    assert restricted_folders(world.space.pk).count() == 1


def test_in_a_home_it_can_be_seen_and_ended(world: Restricted) -> None:
    """What is moved stays restricted."""
    closed = world.node("closed")
    move_node(world.manager, node_id=closed.pk, target=Target("closed"))
    assert is_restricted(locate(world.manager, closed.pk))
    unrestrict(world.manager, node_id=closed.pk)
    assert not is_restricted(locate(world.manager, closed.pk))


def test_a_lock_on_what_is_hidden_has_no_holder(world: Restricted) -> None:
    """It stands in the way of a deep one above it; whose it is and how long is not told."""
    lock_node(world.manager, node_id=world.node("c.txt").pk, options=LockOptions())
    with pytest.raises(errors.Locked) as refused:
        lock_node(world.actor, node_id=world.node("f").pk, options=LockOptions(is_deep=True))
    assert refused.value.detail == {"path": "/f"}
    lock_node(world.manager, node_id=world.node("a.txt").pk, options=LockOptions())
    with pytest.raises(errors.Locked) as refused:
        lock_node(world.actor, node_id=world.node("a.txt").pk, options=LockOptions())
    assert refused.value.detail["path"] == "/f/a.txt"
    assert refused.value.detail["holder"]


def test_strangers_learn_of_no_node_by_a_time(world: Restricted) -> None:
    """Whether there is such a file, and that it is none of theirs, is told alike."""
    at, stranger, member = now().isoformat(), Api(make_user("stranger@example.com")), Api(world.member)
    for api, name in ((stranger, "a.txt"), (stranger, "f"), (member, "c.txt"), (member, "d")):
        assert problem(api.get(f"/nodes/{world.node(name).pk}/children", at=at)) == (404, "not_found")
    assert problem(member.get(f"/nodes/{world.node('a.txt').pk}/children", at=at))[1] == "not_a_folder"


def test_a_tag_of_a_folder_is_not_compared_with_what_is_written(world: Restricted) -> None:
    """Nobody can write to a folder; and its own tag would tell of what is hidden in it."""
    f, target = world.node("f"), Target("f", space_id=world.space.pk)
    for condition in ({"if-match": f.etag}, {"if-none-match": f.etag}, {"if-match": '"other"'}):
        with pytest.raises(errors.NotAFile if "if-none-match" in condition else errors.PreconditionFailed):
            write_file(world.actor, target=target, chunks=[b"x"], length=1, options=WriteOptions(conditions=condition))
