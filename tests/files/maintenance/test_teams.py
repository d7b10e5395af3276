"""Contents that an earlier release shared between teams are parted, and nobody learns of the others by them."""

import hashlib
from typing import Any

import pytest

from accounts.actor import Actor
from files.blobs import reader
from files.maintenance.fsck import run_fsck
from files.maintenance.teams import run_teams
from files.models import Blob, Content, Pool, Version
from files.queries.file_content import file_at_path
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db
DATA = b"the same bytes"
CHECKSUMS = {"sha256": hashlib.sha256(DATA).hexdigest()}


def shared(*actors: Actor) -> Content:
    """A content as the release before left it: without a team, with somebody's checksums, used by all of them."""
    first, *others = [put(actor, "file", DATA).version for actor in actors]
    content = first.content
    for other in others:
        gone, other_content = other.content_id, other.content
        Version.objects.filter(content_id=gone).update(content=content)
        if gone != content.pk:
            other_content.delete()
    Version.objects.update(checksums=None)
    Content.objects.filter(pk=content.pk).update(team=None, checksums=CHECKSUMS)
    return Content.objects.get(pk=content.pk)


@pytest.fixture
def ada(pool: Pool) -> Actor:
    return actor_of(make_user("ada@example.com"))


@pytest.fixture
def bob(pool: Pool) -> Actor:
    return actor_of(make_user("bob@example.com"))


def told(actor: Actor) -> dict[str, str]:
    return file_at_path(actor, "file").checksums


def test_until_then_nobody_is_told_whose_checksums_they_are(ada: Actor, bob: Actor) -> None:
    shared(ada, bob)
    assert told(ada) == told(bob) == {}


def test_the_only_team_keeps_all(ada: Actor, pool: Pool) -> None:
    mate = actor_of(make_member(ada_user(ada)))
    content = shared(ada, mate)
    assert run_teams().as_dict() == {"taken": 1, "parted": 0}
    content.refresh_from_db()
    assert content.team_id == ada.team_id
    assert told(ada) == told(mate) == CHECKSUMS
    put(ada, "again", DATA)
    assert Content.objects.count() == Blob.objects.count() == 1, "the team finds what it has"


def test_several_teams_get_their_own(ada: Actor, bob: Actor, pool: Pool) -> None:
    content = shared(ada, bob)
    assert run_teams().as_dict() == {"taken": 0, "parted": 1}
    assert told(ada) == told(bob) == {}, "nobody knows whose they were"
    assert {c.team_id for c in Content.objects.all()} == {ada.team_id, bob.team_id}
    for actor in (ada, bob):
        version = Version.objects.get(node__space__owner_id=actor.user_id)
        assert version.content.team_id == actor.team_id
        assert bytes_at(actor, "file") == DATA
    assert Content.objects.filter(pk=content.pk).exists(), "whoever reads goes on"
    assert run_fsck(hashes=True).clean
    assert run_teams().as_dict() == {"taken": 0, "parted": 0}


def test_one_that_has_its_own_meanwhile_uses_that(ada: Actor, bob: Actor, pool: Pool) -> None:
    shared(ada, bob)
    own = put(bob, "own", DATA).version.content
    run_teams()
    assert set(Version.objects.filter(node__space__owner_id=bob.user_id).values_list("content", flat=True)) == {own.pk}
    assert reader.read_bytes(own) == DATA
    assert bytes_at(ada, "file") == DATA


def test_a_release_that_runs_beside_us_uses_another_teams(ada: Actor, bob: Actor, pool: Pool) -> None:
    theirs = put(ada, "file", DATA).version.content
    mine = put(bob, "file", b"other").version
    Version.objects.filter(pk=mine.pk).update(content=theirs, size=len(DATA), checksums=None)
    assert run_teams().as_dict() == {"taken": 0, "parted": 0}
    assert Version.objects.get(pk=mine.pk).content.team_id == bob.team_id
    assert bytes_at(bob, "file") == bytes_at(ada, "file") == DATA


def test_what_nobody_uses_is_left_to_gc(ada: Actor, pool: Pool) -> None:
    content = shared(ada)
    Version.objects.update(content=put(ada, "other", b"other").version.content, size=5)
    run_teams()
    content.refresh_from_db()
    assert content.team_id is None


def ada_user(actor: Actor) -> Any:
    from accounts.models import User

    return User.objects.get(pk=actor.user_id)
