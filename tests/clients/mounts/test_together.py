"""Three people with nextcloudcmd in one space of their team, one of them a viewer, through the load balancer, while the
space is renamed, a member is removed, another one is added, and replicas are killed: all come to the same tree.

`TOGETHER_SECONDS` (default 30) is how long each of the two halves is, `TOGETHER_SEED` what happens.
"""

import itertools
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from deploy.cluster import RunningCluster, start
from tests.clients.mounts.people import Editor, Viewer
from tests.clients.mounts.team import PEOPLE, Member, TeamSpace, below, files_in, outside, people
from tests.clients.together.people import SHARED, expected
from tests.clients.trees import Tree

SECONDS = float(os.environ.get("TOGETHER_SECONDS", "30"))
SEED = int(os.environ.get("TOGETHER_SEED") or random.randrange(10**6))
NAME = "Plans"
RENAMED = "Renamed by its manager"  # of the space: mounts that are there keep their name, which is the receiver's
KEPT, KEPT_BYTES = "kept.txt", b"kept"  # nobody changes it: see tests/clients/together/test_together.py
OWN, OWN_BYTES = "own.txt", b"outside of the space"
ALL_THE_SAME_WITHIN = 150.0  # seconds, after everybody has stopped
PAUSE = 2.0


@pytest.fixture
def cluster() -> Iterator[RunningCluster]:
    folder = Path(tempfile.mkdtemp(prefix="dropbox_clone_mounts_"))
    folder.chmod(0o711)  # PostgreSQL's own user must be able to enter it
    try:
        with start(folder, web=3, workers=1, DRAIN_DELAY="1s", ACCESS_LOG="on", BRAKE="off") as cluster:
            yield cluster
    finally:
        _tell_refused_credentials(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _tell_refused_credentials(folder: Path) -> None:
    """Prints each 401 of the replicas, which pytest shows when the test fails: every token of this test is valid."""
    for log in sorted((folder / "logs").glob("web-*.log")):
        refused = [line for line in log.read_text(errors="replace").splitlines() if "status=401" in line]
        sys.stdout.writelines(f"{log.name}: {line}\n" for line in refused[:20])


@pytest.mark.long
@pytest.mark.timeout(SECONDS * 4 + 900)
def test_three_people_in_one_space(cluster: RunningCluster, tmp_path: Path) -> None:
    owner, *members = people(
        lambda emails: cluster.manage("shell", "-c", PEOPLE, stdin=emails),
        cluster.url,
        *(f"{name}@example.com" for name in ("owner", "ann", "ben", "vic", "cat")),
    )
    space = _make_space(owner, members[:3])
    ann, ben, vic = (_person(cluster, member, tmp_path) for member in members[:3])
    assert isinstance(vic, Viewer)
    vic.editors += [ann, ben]
    kills = _work(cluster, [ann, ben, vic], lambda: space.rename(RENAMED))

    # Ben goes, and Cat comes. What Ben has done until then stays.
    _come_together([ann, ben, vic], owner)
    before = outside(ben.client.tree(), NAME)
    space.remove(members[1])
    members[3].remote.write(f"/{OWN}", OWN_BYTES)
    space.add(members[3], "editor")
    members[3].wait_for(RENAMED)
    cat = _person(cluster, members[3], tmp_path, RENAMED)
    vic.editors.append(cat)
    kills += _work(cluster, [ann, cat, vic], ben.settle)
    rounds = _come_together([ann, cat, vic], owner)
    ben.member.wait_for(NAME, there=False)
    ben.settle()

    there = owner.remote.tree(f"/{NAME}")
    wanted = {**expected([ann, ben, cat]), KEPT: sha256(KEPT_BYTES).hexdigest()}
    sys.stdout.write(f"TOGETHER_SEED={SEED} TOGETHER_SECONDS={SECONDS:g}: {kills} kills, {rounds} rounds at the end\n")
    for person in (ann, ben, vic, cat):
        sys.stdout.write(f"{person.name}: {dict(person.acts)}, runs by exit code {dict(person.runs)}\n")
    assert [problem for person in (ann, ben, vic, cat) for problem in person.wrong] == []
    assert files_in(there) == wanted, f"TOGETHER_SEED={SEED}"
    for person in (ann, cat, vic):
        assert person.holds(there)
        assert (person.client.folder / OWN).read_bytes() == OWN_BYTES
    assert ben.client.tree() == before, "the removed member's client loses the folder and nothing else"
    assert [*ann.client.conflicts(), *cat.client.conflicts()] == []
    assert vic.acts["edit"] > 0
    assert vic.lost() == set(), "a viewer's edit becomes a conflict copy, and is not lost"
    for member, mount in ((members[3], RENAMED), (members[2], NAME)):
        fresh = member.device(tmp_path / f"new {mount}", cluster.url)
        fresh.sync()
        assert below(fresh.tree(), mount) == there
    sys.stdout.write(f"fsck --hash: {cluster.manage('fsck', '--hash').strip().splitlines()[-1]}\n")


def _make_space(owner: Member, members: list[Member]) -> TeamSpace:
    space = TeamSpace.make(owner, NAME)
    for member, role in zip(members, ("editor", "editor", "viewer"), strict=True):
        member.remote.write(f"/{OWN}", OWN_BYTES)
        space.add(member, role)
    for member in (owner, *members):
        member.wait_for(NAME)
    for folder in SHARED:
        owner.remote.make_folder(f"/{NAME}/{folder}")
    owner.remote.write(f"/{NAME}/{KEPT}", KEPT_BYTES)
    return space


def _person(cluster: RunningCluster, member: Member, place: Path, mount: str = NAME) -> Editor:
    name = member.email.partition("@")[0]
    client = member.device(place / name, cluster.url)
    client.sync()
    kind = Viewer if name == "vic" else Editor
    return kind(client, member, mount, name, SEED)


def _work(cluster: RunningCluster, workers: list[Editor], meanwhile: Callable[[], object]) -> int:
    """How many replicas were killed while they worked. `meanwhile` is done in the middle of it."""
    stop, chance, kills = threading.Event(), random.Random(f"kills/{SEED}"), 0
    threads = [threading.Thread(target=person.work, args=(stop,), daemon=True) for person in workers]
    for thread in threads:
        thread.start()
    middle, end = time.monotonic() + SECONDS / 2, time.monotonic() + SECONDS
    done = False
    while not stop.wait(chance.uniform(3, 6)) and time.monotonic() < end:
        replicas = [part for part in cluster.of("web") if part.state == "UP"]
        if len(replicas) > 1:
            chance.choice(replicas).kill()
            kills += 1
        if not done and time.monotonic() > middle:
            done = True
            meanwhile()
    stop.set()
    for thread in threads:
        thread.join(300)
    return kills


def _differences(workers: list[Editor], there: Tree) -> dict[str, object]:
    """Of each: how the runs went, what only the device has, what only the space has, what differs, and what the client
    says of the last run that failed.
    """
    found: dict[str, object] = {}
    for person in workers:
        here = person.mounted()
        only_here = sorted(here.keys() - there.keys() - person.left_over(there))
        only_there = sorted(there.keys() - here.keys())
        differ = sorted(path for path in here.keys() & there.keys() if here[path] != there[path])
        said = [line[-300:] for line in person.last_failure.splitlines() if "Could not" in line or "rror:" in line]
        found[person.name] = (dict(person.runs), only_here, only_there, differ, said)
    return found


def _come_together(workers: list[Editor], owner: Member) -> int:
    """The number of rounds until every device holds what the space holds."""
    end = time.monotonic() + ALL_THE_SAME_WITHIN
    for number in itertools.count(1):
        well = [person.end() for person in workers]
        stuck = [f"{person.name} was stuck after: {person.last_failure}" for person in workers if person.runs["stuck"]]
        assert stuck == []
        there = owner.remote.tree(f"/{NAME}")
        if all(well) and all(person.holds(there) for person in workers):
            return number
        if time.monotonic() > end:
            raise AssertionError(f"not the same after {number} rounds: {_differences(workers, there)}")
        time.sleep(PAUSE)
    raise AssertionError("never reached")
