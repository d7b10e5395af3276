"""sharing.queries.people: with whom something can be shared."""

import pytest

from accounts.actor import WRITE, Actor
from accounts.errors import ScopeMissing
from accounts.models import User
from sharing.queries.people import person_in_team, sharees
from tests.sharing.team import Team
from tests.support.people import actor_of, make_user


def test_people_and_groups_of_the_own_team(team: Team) -> None:
    team.group(name="Bobsleigh")
    make_user("bob@other.example", name="Bob of another team")
    found = sharees(team.actor, text="bob")
    assert [person.email for person in found.people] == ["bob@example.com"]
    assert [group.name for group in found.groups] == ["Bobsleigh"]
    assert [person.name for person in sharees(team.actor, text="").people] == ["Bob", "Carl"]  # not oneself
    assert sharees(team.actor, text="", people=False).people == []
    first = sharees(team.actor, text="", limit=1, groups=False)
    assert ([person.name for person in first.people], first.more) == (["Bob"], True)
    second = sharees(team.actor, text="", limit=1, skip=1, groups=False)
    assert ([person.name for person in second.people], second.more) == (["Carl"], False)


def test_who_was_stopped_is_left_out(team: Team) -> None:
    User.objects.filter(pk=team.bob.pk).update(is_active=False)
    assert [person.name for person in sharees(team.actor, text="").people] == ["Carl"]
    assert person_in_team(team.ada.membership.team_id, "bob@example.com") is None
    assert person_in_team(team.ada.membership.team_id, "carl@example.com") == team.carl.pk


def test_nobody_and_a_narrow_token(team: Team) -> None:
    with pytest.raises(ScopeMissing):
        sharees(Actor(), text="")
    with pytest.raises(ScopeMissing):
        sharees(actor_of(team.ada, scopes=frozenset({WRITE})), text="")
