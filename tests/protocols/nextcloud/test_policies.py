"""Policies of a team towards Nextcloud's clients: what they are told before, and that nothing gets past them."""

from typing import Any

import pytest

from accounts.actions.policies import change_policy
from accounts.models import Membership
from tests.files.conftest import pool  # noqa: F401
from tests.protocols.nextcloud.test_shares import SHARES, form, meta
from tests.sharing.team import Team, team_of_three
from tests.support.clients import Nextcloud
from tests.support.people import actor_of

LINK = {"path": "/Photos", "shareType": 3}
SECRET = "sea and sand"


@pytest.fixture
def team(pool: Any) -> Team:  # noqa: F811
    return team_of_three()


def told(client: Nextcloud) -> dict[str, Any]:
    public: dict[str, Any] = client.ocs("cloud/capabilities").json()["ocs"]["data"]["capabilities"]["files_sharing"][
        "public"
    ]
    return public


def set_policy(team: Team, **changes: Any) -> None:
    change_policy(actor_of(team.ada), changes=changes)


def test_clients_ask_for_what_is_required(team: Team) -> None:
    ada = Nextcloud(team.ada)
    assert (told(ada)["enabled"], told(ada)["password"]["enforced"], told(ada)["expire_date"]["enabled"]) == (
        True,
        False,
        False,
    )
    set_policy(team, link_password_required=True, link_default_days=7)
    assert told(ada)["password"]["enforced"]
    assert told(ada)["expire_date"] == {"enabled": True, "days": "7", "enforced": False}
    set_policy(team, link_longest_days=30)
    assert told(ada)["expire_date"] == {"enabled": True, "days": "7", "enforced": True}


def test_a_link_without_a_password_is_refused(team: Team) -> None:
    ada = Nextcloud(team.ada)
    set_policy(team, link_password_required=True)
    assert meta(form(ada, "POST", **LINK))[:2] == (403, 403)
    assert meta(form(ada, "POST", version=1, **LINK))[1] == 403
    made = form(ada, "POST", **LINK, password=SECRET)
    assert meta(made)[:2] == (200, 200)
    share_id = made.json()["ocs"]["data"]["id"]
    assert meta(form(ada, "PUT", f"{SHARES}/{share_id}", password=""))[:2] == (403, 403)


def test_who_may_not_make_links_for_others_is_not_offered_any(team: Team) -> None:
    Membership.objects.filter(user=team.bob).update(role="member")
    set_policy(team, external_links="admins")
    assert told(Nextcloud(team.ada))["enabled"]
    assert not told(Nextcloud(team.bob))["enabled"]
    set_policy(team, external_links="nobody")
    assert not told(Nextcloud(team.ada))["enabled"]
    assert meta(form(Nextcloud(team.ada), "POST", **LINK))[:2] == (403, 403)
