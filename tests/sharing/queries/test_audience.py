"""sharing.queries.audience: who sees a node is what the access of each of them says."""

from typing import Any

import pytest

from accounts.authentication import actor_from_user
from accounts.models import Role as TeamRole
from accounts.models import User
from files.access.compute import access_along
from files.access.rights import Right, Role
from files.actions.grants import set_grant
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.queries.tree import LocatedNode, locate_path
from sharing.queries.audience import members_named, who_sees
from tests.sharing.team import Team, subject
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def by_their_access(place: LocatedNode, people: list[User]) -> set[int]:
    found = set()
    for person in people:
        actor = actor_from_user(User.objects.get(pk=person.pk))
        if actor is not None and Right.VIEW in access_along(actor, place.space, place.chain_ids).rights:
            found.add(person.pk)
    return found


def test_in_a_home(team: Team) -> None:
    dora = make_member(team.ada, email="dora@example.com")
    stranger = make_user()
    people = [team.ada, team.bob, team.carl, dora, stranger]
    place = locate_path(team.actor, "/Photos/sea.jpg")
    ids = [person.pk for person in people]
    assert who_sees(place, ids) == by_their_access(place, people) == {team.ada.pk}
    team.share(team.bob, Role.COMMENTER)
    team.share(team.group(team.carl))
    team.share(dora, Role.UPLOADER)
    assert who_sees(place, ids) == by_their_access(place, people) == {team.ada.pk, team.bob.pk, team.carl.pk}
    assert who_sees(place, [team.bob.pk]) == {team.bob.pk}
    User.objects.filter(pk=team.bob.pk).update(is_active=False)
    assert who_sees(place, ids) == by_their_access(place, people) == {team.ada.pk, team.carl.pk}
    assert who_sees(place, []) == set()


def test_in_a_space_with_a_restricted_folder(team: Team) -> None:
    space = create_team_space(team.actor, name="Plans").pk
    put(team.actor, "open/a", space_id=space), put(team.actor, "closed/b", space_id=space)
    people = [team.ada, team.bob, team.carl]
    team.bob.membership.role = TeamRole.ADMIN
    team.bob.membership.save()
    ids = [person.pk for person in people]
    opened = locate_path(team.actor, "/open/a", space_id=space)
    assert who_sees(opened, ids) == by_their_access(opened, people) == set(ids)
    closed = locate_path(team.actor, "/closed", space_id=space)
    restrict(team.actor, node_id=closed.node.pk)
    inside = locate_path(team.actor, "/closed/b", space_id=space)
    assert who_sees(inside, ids) == by_their_access(inside, people) == {team.ada.pk, team.bob.pk}
    set_grant(team.actor, node_id=closed.node.pk, subject=subject(team.carl), role=Role.VIEWER)  # type: ignore[arg-type]
    assert who_sees(inside, ids) == by_their_access(inside, people) == set(ids)


def test_it_costs_the_same_for_many(team: Team, django_assert_max_num_queries: Any) -> None:
    team.share(team.group(team.carl))
    people = [make_member(team.ada).pk for _ in range(8)]
    place = locate_path(team.actor, "/Photos/sea.jpg")
    with django_assert_max_num_queries(5):
        who_sees(place, people)


def test_whom_a_text_can_name(team: Team) -> None:
    team_id, stranger = actor_of(team.ada).team_id or 0, make_user("else@example.com")
    named = members_named(team_id, addresses={"bob@example.com", "else@example.com"}, user_ids={team.carl.pk, 10**9})
    assert named == {team.bob.pk: "bob@example.com", team.carl.pk: "carl@example.com"}
    assert members_named(team_id, addresses=set(), user_ids={stranger.pk}) == {}
    assert members_named(team_id, addresses=set(), user_ids=set()) == {}
