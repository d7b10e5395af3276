"""sharing.queries.comments: pages, what they cost, and who is shown what."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.actor import Actor, Principal, PrincipalKind
from files.access.rights import Role
from http_kit.errors import InvalidCursor
from sharing.errors import NotFound
from sharing.models import Comment
from sharing.queries.comments import author_of, comment_of, comments_of, may_delete, may_edit, require_person
from tests.sharing.team import Team
from tests.support.people import SYSTEM, actor_of


def made(team: Team, count: int, path: str = "/Photos") -> list[int]:
    node_id = team.node(path).pk
    return [Comment.objects.create(node_id=node_id, author=team.ada, text=str(n)).pk for n in range(count)]


def test_pages_go_on_and_fit_one_node_alone(team: Team) -> None:
    ids, node_id = made(team, 5), team.node().pk
    first = comments_of(team.actor, node_id=node_id, limit=2)
    second = comments_of(team.actor, node_id=node_id, limit=2, cursor=first.next_cursor)
    last = comments_of(team.actor, node_id=node_id, limit=2, cursor=second.next_cursor)
    assert [row.pk for page in (first, second, last) for row in page.items] == ids[::-1]
    assert last.next_cursor is None
    other = team.node("/Photos/sea.jpg").pk
    for cursor in (first.next_cursor, "x"):
        with pytest.raises(InvalidCursor):
            comments_of(team.actor, node_id=other, cursor=cursor)


def test_a_page_costs_the_same_for_any_number(team: Team, django_assert_max_num_queries: Any) -> None:
    team.share(team.bob, Role.COMMENTER)
    made(team, 9)
    bob, node_id = actor_of(team.bob), team.node().pk
    with django_assert_max_num_queries(8):
        for row in comments_of(bob, node_id=node_id).items:
            assert author_of(row) == team.ada
            assert list(row.mentions.all()) == []


def test_who_may_do_what_with_one(team: Team) -> None:
    (pk,) = made(team, 1)
    team.share(team.bob, Role.COMMENTER)
    row, place = comment_of(team.actor, comment_id=pk)
    assert (may_edit(team.actor, row, place), may_delete(team.actor, row, place)) == (True, True)
    bob = actor_of(team.bob)
    row, place = comment_of(bob, comment_id=pk)
    assert (may_edit(bob, row, place), may_delete(bob, row, place)) == (False, False)
    Comment.objects.filter(pk=pk).update(author=team.bob)
    row, place = comment_of(bob, comment_id=pk)
    assert (may_edit(bob, row, place), may_delete(bob, row, place)) == (True, True)
    for actor, found in ((actor_of(team.carl), pk), (team.actor, pk + 1), (team.actor, 0), (team.actor, 2**63)):
        with pytest.raises(NotFound) as raised:
            comment_of(actor, comment_id=found)
        assert raised.value.detail == {"id": str(found)} or raised.value.detail == {"id": found}


def test_only_people_read_them(team: Team) -> None:
    visitor = replace(team.actor, principal=Principal(PrincipalKind.LINK, 3))
    for actor in (visitor, Actor(), SYSTEM):
        with pytest.raises(NotFound):
            require_person(actor)
        with pytest.raises(NotFound):
            comments_of(actor, node_id=team.node().pk)
