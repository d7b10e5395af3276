"""Several large copies at once: they end, whatever is moved into what meanwhile, and one in trouble stops no other."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.actions import large_copy
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node
from files.actions.large_copy import copy_batch, run_copies
from files.actions.move import move_node
from files.models import CopyJob, Node
from files.queries.target import Target
from files.tree.put import Wish


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_copy, "LARGE", 3)
    monkeypatch.setattr(large_copy, "BATCH", 3)
    monkeypatch.setattr(large_copy, "sleep", lambda seconds: None)


def tree(actor: Actor) -> Node:
    bulk_write(actor, folder=Target(), files=[SmallFile(f"a/b/{n}", b"", Wish()) for n in range(5)])
    return Node.objects.get(name="a")


def begun(actor: Actor, node: Node, name: str) -> tuple[CopyJob, Node]:
    copied = copy_node(actor, node_id=node.pk, target=Target(name))
    assert copied.job is not None
    return copied.job, copied.node


def test_copies_that_were_moved_into_what_they_copy_end(user: User, actor: Actor) -> None:
    a = tree(actor)
    first, second = begun(actor, a, "first"), begun(actor, a, "second")
    for _, top in (first, second):
        move_node(actor, node_id=top.pk, target=Target(f"a/{top.name}"))
    for _ in range(100):
        made = [copy_batch(actor, copy_id=job.pk) for job, _ in (first, second)]
        if not any(made):
            break
    assert not any(made)
    assert set(CopyJob.objects.values_list("state", flat=True)) == {"done"}
    assert set(Node.objects.filter(parent=first[1]).values_list("name", flat=True)) == {"b"}
    assert set(Node.objects.filter(parent=second[1]).values_list("name", flat=True)) == {"b", "first"}


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
