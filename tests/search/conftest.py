"""People with files, and an index that follows at once."""

import pytest

from accounts.actor import Actor
from files import journal_follower
from search.indexing import following
from search.queries import EVERYTHING, Page, Wanted, search
from tests.support.people import actor_of, make_user


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_follower, "PAUSE", 0)


@pytest.fixture
def ada(db: None) -> Actor:
    return actor_of(make_user("ada@example.com"))


@pytest.fixture
def eve(db: None) -> Actor:
    return actor_of(make_user("eve@example.org"))


def index() -> int:
    """Follows all journals to their ends. Returns how many nodes were looked at."""
    followed = following.INDEX.follow_all(seconds=60)
    assert followed.finished
    assert following.INDEX.spaces_behind() == []
    return followed.count


def find(actor: Actor, text: str, wanted: Wanted = EVERYTHING) -> list[str]:
    """Paths, best first; the total must fit."""
    page: Page = search(actor, text, wanted=wanted, limit=100)
    paths = [hit.path for hit in page.hits]
    assert page.total == len(paths)
    return paths
