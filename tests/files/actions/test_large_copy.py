"""files.actions.large_copy: what is too much for one transaction is copied by a job, in short ones."""

import uuid

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import LimitReached
from accounts.models import QuotaAccount, User
from common.clock import now
from files import errors
from files.actions import large_copy
from files.actions.annotations import PropertyChange, set_properties
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node, copy_nodes
from files.actions.create_folder import create_folder
from files.actions.large_copy import copy_batch, end_copy, run_copies
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, trash_nodes
from files.models import CopyJob, Node, NodeKind, NodeProperty
from files.queries.copies import get_copy
from files.queries.target import Target
from files.tree.writing import WriteOptions
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, journal_of, put


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_copy, "LARGE", 10)
    monkeypatch.setattr(large_copy, "BATCH", 3)
    monkeypatch.setattr(large_copy, "TIME", 60)
    monkeypatch.setattr(large_copy, "sleep", lambda seconds: None)


def tree(actor: Actor) -> Node:
    """18 nodes below `a`."""
    files = [
        SmallFile(f"a/{folder}/{n}", f"{folder}{n}".encode(), WriteOptions())
        for folder in ("b", "c/d")
        for n in range(5)
    ]
    bulk_write(actor, folder=Target(), files=[*files, *(SmallFile(f"a/{n}", b"", WriteOptions()) for n in range(4))])
    create_folder(actor, target=Target("a/empty"))
    return Node.objects.get(name="a", kind=NodeKind.FOLDER)


def shape(actor: Actor, node: Node) -> dict[str, str | None]:
    """Below the node: paths, with the hash of what is there."""
    found = {}
    left = [("", node.pk)]
    while left:
        path, parent = left.pop()
        for child in Node.objects.select_related("version__content").filter(parent_id=parent):
            found[f"{path}/{child.name}"] = None if child.version is None else child.version.content.content_hash
            left.append((f"{path}/{child.name}", child.pk))
    return found


def begun(actor: Actor, node: Node, name: str = "copy") -> tuple[CopyJob, Node]:
    copied = copy_node(actor, node_id=node.pk, target=Target(name))
    assert copied.job is not None
    return copied.job, copied.node


def test_it_is_made_in_short_steps(user: User, actor: Actor) -> None:
    a = tree(actor)
    bidirectional = Node.objects.get(name="0", parent=a)
    Node.objects.filter(pk=bidirectional.pk).update(name="\u202e0", name_key="\u202e0")  # as before they were refused
    set_properties(actor, node_id=a.pk, changes=[PropertyChange("u:", "top", "1")])
    for node in (Node.objects.get(name="b"), Node.objects.get(name="3", parent__name="d")):
        set_properties(actor, node_id=node.pk, changes=[PropertyChange("u:", "n", "2")])
    job, top = begun(actor, a)
    assert (job.total, shape(actor, top)) == (18, {})
    steps = []
    while job.state == "running":
        steps.append(copy_batch(actor, copy_id=job.pk))
        assert len(steps) < 100
        job.refresh_from_db()
    assert max(steps) <= 3
    assert (job.state, job.done, job.position) == ("done", 18, [])
    assert shape(actor, top) == shape(actor, a)
    assert bytes_at(actor, "copy/c/d/3") == b"c/d3"
    assert NodeProperty.objects.count() == 6
    old, new = Node.objects.get(name="b", parent=a), Node.objects.get(name="b", parent=top)
    assert (new.size, new.descendants) == (old.size, old.descendants)
    version = Node.objects.select_related("version").get(name="4", parent=new).version
    origin = Node.objects.select_related("version").get(name="4", parent=old).version
    assert version is not None
    assert origin is not None
    assert version.modified_at == origin.modified_at
    assert QuotaAccount.objects.get(user=user).nodes == 2 * 19


def test_the_job_makes_all_of_them_in_turn(user: User, actor: Actor) -> None:
    a = tree(actor)
    first, second = begun(actor, a, "one")[1], begun(actor, a, "two")[1]
    assert run_copies(seconds=60) == 36
    assert shape(actor, first) == shape(actor, second) == shape(actor, a)
    assert run_copies(seconds=60) == 0


def test_many_that_are_large_together(actor: Actor) -> None:
    tree(actor)
    ids = [Node.objects.get(name=name, parent__name="a").pk for name in ("b", "c", "empty")]
    ids.append(put(actor, "file").node.pk)
    into = create_folder(actor, target=Target("into"))[0].node
    copied = copy_nodes(actor, node_ids=ids, parent_id=into.pk)
    assert [item.job is not None for item in copied] == [True, True, False, False]
    assert CopyJob.objects.count() == 1
    run_copies(seconds=60)
    for name in ("b", "c", "empty"):
        old, new = Node.objects.get(name=name, parent__name="a"), Node.objects.get(name=name, parent=into)
        assert shape(actor, new) == shape(actor, old)
    assert len(shape(actor, into)) == 15


def test_however_slow_it_is_each_batch_goes_on(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_copy, "TIME", 0)
    a = tree(actor)
    job, top = begun(actor, a)
    for _ in range(50):
        copy_batch(actor, copy_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 18)
    assert shape(actor, top) == shape(actor, a)


def test_the_source_may_go_meanwhile(actor: Actor) -> None:
    """Clients that move by COPY and DELETE lose nothing; a source that is purged ends it where it is."""
    a = tree(actor)
    expected = shape(actor, a)
    job, top = begun(actor, a)
    copy_batch(actor, copy_id=job.pk)
    trash_nodes(actor, node_ids=[a.pk])
    run_copies(seconds=60)
    assert shape(actor, top) == expected


def test_who_moves_the_copy_into_its_source_copies_it_once(actor: Actor) -> None:
    a = tree(actor)
    job, top = begun(actor, a)
    copy_batch(actor, copy_id=job.pk)
    move_node(actor, node_id=top.pk, target=Target("a/inside"))
    run_copies(seconds=60)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 18)


@pytest.mark.parametrize("purged", [True, False])
def test_removing_the_new_folder_ends_it(actor: Actor, purged: bool) -> None:
    job, top = begun(actor, tree(actor))
    copy_batch(actor, copy_id=job.pk)
    trash_nodes(actor, node_ids=[top.pk])
    if purged:
        empty_trash(actor)
    run_copies(seconds=60)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "not_found")


def test_it_ends_with_the_right_and_with_the_quota(user: User, actor: Actor) -> None:
    a = tree(actor)
    job, _ = begun(actor, a)
    User.objects.filter(pk=user.pk).update(is_active=False)
    run_copies(seconds=60)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "invalid_credentials")
    User.objects.filter(pk=user.pk).update(is_active=True)
    job, _ = begun(actor, a, "again")
    QuotaAccount.objects.filter(user=user).update(limit_bytes=1)
    run_copies(seconds=60)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "quota_exceeded")


def test_what_cannot_succeed_is_refused_at_once(user: User, actor: Actor, settings: Settings) -> None:
    a = tree(actor)
    settings.ACCOUNT_NODES = 19 + 18
    with pytest.raises(LimitReached):
        begun(actor, a)
    settings.ACCOUNT_NODES = 100
    with pytest.raises(errors.MoveIntoItself):
        begun(actor, a, "a/b/copy")
    assert not CopyJob.objects.exists()
    assert not [kind for kind, path in journal_of(actor) if path.startswith("/copy")]


def test_somebody_else_neither_sees_nor_ends_it(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    a = tree(actor)
    monkeypatch.setattr(large_copy, "MAXIMUM_RUNNING", 1)
    job, _ = begun(actor, a)
    with pytest.raises(errors.TooMany):
        begun(actor, a, "another")
    other = actor_of(make_user())
    with pytest.raises(errors.NotFound):
        end_copy(other, copy_id=job.pk)
    with pytest.raises(errors.NotFound):
        get_copy(actor, uuid.uuid4())
    with pytest.raises(errors.ScopeMissing):
        end_copy(actor_of(User.objects.get(pk=actor.user_id), scopes=frozenset({"read"})), copy_id=job.pk)
    end_copy(actor, copy_id=job.pk)
    assert copy_batch(actor, copy_id=job.pk) == 0
    job.refresh_from_db()
    assert job.state == "ended"
    assert job.updated_at <= now()


def test_between_spaces(user: User, actor: Actor) -> None:
    a, shared = tree(actor), create_team_space(actor, name="Shared")
    copied = copy_node(actor, node_id=a.pk, target=Target("a", space_id=shared.pk))
    run_copies(seconds=60)
    assert shape(actor, copied.node) == shape(actor, a)
    assert copied.node.space_id == shared.pk


def test_copies_that_were_moved_into_what_they_copy_end(user: User, actor: Actor) -> None:
    a = tree(actor)
    own = set(Node.objects.filter(parent=a).values_list("name", flat=True))
    first, second = begun(actor, a, "first"), begun(actor, a, "second")
    for _, top in (first, second):
        move_node(actor, node_id=top.pk, target=Target(f"a/{top.name}"))
    for _ in range(100):
        made = [copy_batch(actor, copy_id=job.pk) for job, _ in (first, second)]
        if not any(made):
            break
    assert not any(made)
    assert set(CopyJob.objects.values_list("state", flat=True)) == {"done"}
    assert set(Node.objects.filter(parent=first[1]).values_list("name", flat=True)) == own
    assert set(Node.objects.filter(parent=second[1]).values_list("name", flat=True)) == own | {"first"}


def test_a_copy_in_trouble_stops_no_other(user: User, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    a = tree(actor)
    jobs = sorted((begun(actor, a, name)[0] for name in ("first", "second")), key=lambda job: job.pk)
    real = large_copy._step

    def broken(edit: object, job: CopyJob, *rest: object) -> int:
        if job.pk == jobs[0].pk:
            raise KeyError("a fault of ours")
        return real(edit, job, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(large_copy, "_step", broken)
    with pytest.raises(KeyError):  # the run has failed, and is tried again
        run_copies(seconds=5)
    states = dict(CopyJob.objects.values_list("pk", "state"))
    assert states == {jobs[0].pk: "running", jobs[1].pk: "done"}
