"""files.queries.usage: what is used of the space's own account, and what the tighter of the limits leaves."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import QuotaAccount, User
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.queries.target import Target
from files.queries.usage import Usage, usage_of
from tests.support.people import actor_of, make_member
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def limit(user: User, own: int | None, team: int | None) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=own)
    QuotaAccount.objects.filter(team=user.membership.team).update(limit_bytes=team)


def test_everything_that_is_charged_counts(user: User, actor: Actor, django_assert_num_queries: Any) -> None:
    limit(user, 1000, None)
    put(actor, "a", b"1")
    put(actor, "a", b"22")  # the version before stays
    trash_nodes(actor, node_ids=[put(actor, "b", b"4444").node.pk])
    open_upload(actor, wanted=UploadOptions(Target("c"), length=8))
    home = home_of(user)
    with django_assert_num_queries(1):
        assert usage_of(home) == Usage(15, 985)


@pytest.mark.parametrize(
    ("own", "team", "free"), [(None, None, None), (50, None, 40), (None, 50, 30), (50, 35, 15), (15, 50, 5), (5, 50, 0)]
)
def test_the_tighter_limit_leaves_what_is_free(
    user: User, actor: Actor, own: int | None, team: int | None, free: int | None
) -> None:
    put(actor, "a", b"x" * 10)
    put(actor_of(make_member(user)), "a", b"y" * 10)  # of the team's too
    limit(user, own, team)
    assert usage_of(home_of(user)) == Usage(10, free)


def test_of_a_team_space_it_is_its_own_within_the_teams(user: User, actor: Actor) -> None:
    put(actor, "a", b"x" * 10)
    space = create_team_space(actor, name="team")
    put(actor, "b", b"x" * 7, space_id=space.pk)
    limit(user, 12, 100)
    assert usage_of(space) == Usage(7, 83)
    QuotaAccount.objects.filter(space_id=space.pk).update(limit_bytes=10)
    assert usage_of(space) == Usage(7, 3)
