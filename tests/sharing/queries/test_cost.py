"""What 200 shares above and below a folder cost whoever lists it: as many queries as none, by every protocol."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Group, User
from files.access.rights import Role
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.grants import mark_shared
from files.models import Grant, Node, Space
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.writing import WriteOptions
from tests.support.clients import Api, Nextcloud
from tests.support.people import actor_of, make_user, sign_in
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
ENTRIES = 1_000
ASKED = (
    b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">'
    b"<d:prop><d:getetag/><oc:id/><oc:permissions/><oc:share-types/><nc:sharees/></d:prop></d:propfind>"
)


@pytest.fixture
def user() -> User:
    user = make_user()
    folder = put(actor_of(user), "above/wide/first.txt", b"x").node.parent_id
    for start in range(0, ENTRIES - 1, 100):
        files = [
            SmallFile(f"{number}.txt", b"x", WriteOptions()) for number in range(start, min(start + 100, ENTRIES - 1))
        ]
        bulk_write(actor_of(user), folder=Target(parent_id=folder), files=files)
    return user


def grant(user: User, each: int) -> None:
    """So many on the folder above, and one on each of so many files in it; each to a group of its own."""
    space = home_of(user)
    above = Node.objects.get(space=space, name="above")
    files = list(Node.objects.filter(space=space, parent__name="wide").exclude(grants__isnull=False)[:each])
    team = user.membership.team
    groups = Group.objects.bulk_create([Group(team=team, name=f"group {each} {number}") for number in range(2 * each)])
    for group, node in zip(groups, [above] * each + files, strict=True):
        Grant.objects.create(node=node, space=space, group_id=group.pk, role=Role.VIEWER)
    mark_shared(Space.objects.get(pk=space.pk))


def queries_of(act: Callable[[], Any]) -> int:
    act()  # what is kept is kept
    with CaptureQueriesContext(connection) as queries:
        answer = act()
    assert answer.status_code in (200, 207), answer.content[:300]
    assert b"100.txt" in (b"".join(answer) if answer.streaming else answer.content)
    return len(queries)


def test_a_listing_costs_the_same_with_200_shares(user: User) -> None:
    wide = locate_path(actor_of(user), "above/wide").node.pk
    api, client, page = Api(user), Nextcloud(user), Client()
    url = f"/remote.php/dav/files/{client.id}/above/wide/"
    sign_in(page, user)
    asks: dict[str, Callable[[], Any]] = {
        "REST": lambda: api.get("/folders", path="/above/wide", limit=1000),
        "Nextcloud": lambda: client.send("PROPFIND", url, ASKED, depth="1"),
        "page": lambda: page.get(f"/files/{wide}/?limit=1000"),
    }
    none = {name: queries_of(ask) for name, ask in asks.items()}
    assert none == {"REST": 4, "Nextcloud": 4, "page": 10}, "the own home"
    grant(user, 1)
    few = {name: queries_of(ask) for name, ask in asks.items()}
    assert few == {**none, "Nextcloud": 7}, "which of them are shared, with whom, and who is invited to them"
    grant(user, 99)
    assert {name: queries_of(ask) for name, ask in asks.items()} == few
