"""What others have changes neither scores nor order nor counts."""

import pytest

from accounts.actor import Actor
from search.queries import search
from tests.search.conftest import index
from tests.support.people import actor_of, make_user
from tests.support.trees import put

QUERIES = ("budget", "budget report", "plan", "report -draft", "bud", "name:plan", "zebra")


def answers(actor: Actor) -> list[object]:
    index()
    return [
        ([(hit.path, hit.score) for hit in page.hits], page.total)
        for page in (search(actor, query, limit=100) for query in QUERIES)
    ]


@pytest.mark.django_db
def test_scores_and_order_are_of_the_own_documents_alone() -> None:
    bob = actor_of(make_user("bob@example.com"))
    put(bob, "plan.txt", b"budget of the year, a report about zebra")
    put(bob, "budget.txt", b"plan plan plan plan, and a report")
    put(bob, "long.txt", b"report " * 40 + b"budget and much more " * 50)
    put(bob, "draft report.md", b"draft")
    alone = answers(bob)
    assert next(path for path, _ in alone[0][0]) == "/budget.txt"  # type: ignore[index]
    for number in range(12):
        alice = actor_of(make_user(f"alice{number}@example.com"))
        put(alice, "budget.txt", b"budget zebra " * (number + 1))
        put(alice, "other.txt", b"plan report " * 3)
        assert answers(bob) == alone, f"after {number + 1} others"


@pytest.mark.django_db
def test_what_comes_often_comes_first() -> None:
    bob = actor_of(make_user("bob@example.com"))
    filler = b"words of all kinds " * 3
    put(bob, "mentions.txt", b"zebra " + filler + b"and some more that is to make it as long")
    put(bob, "about.txt", b"zebra " * 12 + filler)
    index()
    assert [hit.path for hit in search(bob, "zebra").hits] == ["/about.txt", "/mentions.txt"]
