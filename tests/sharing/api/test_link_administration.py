"""All links, over REST: for administrators of the installation, by filters and in pages, without an address."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import SHARE
from accounts.models import AuditEvent, User
from common.clock import now
from files.models import Grant
from sharing.actions.links import revoke_link
from sharing.errors import LinkNotFound
from sharing.models import Audience, Link, LinkRole
from tests.sharing.linked import SECRET, Linked, opened
from tests.support.clients import Api, items, problem
from tests.support.people import actor_of, make_administrator, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def root(world: Linked) -> User:
    return make_administrator(email="root@example.com")


def ids(answer: Any) -> set[int]:
    return {int(item["id"]) for item in items(answer)}


def ended(link: Link, **values: Any) -> Link:
    Link.objects.filter(pk=link.pk).update(**values)
    return link


def test_who_may(world: Linked, root: User) -> None:
    link = world.link()
    for api, expected in (
        (Api(world.owner), (403, "not_allowed")),
        (Api(root, SHARE), (403, "scope_missing")),
    ):
        assert problem(api.get("/links/all")) == expected
        assert problem(api.delete(f"/links/all/{link.pk}")) == expected
    assert opened(link)


def test_what_is_told(world: Linked, root: User) -> None:
    link = world.link(password=SECRET, title="For Grace", message="secret message", label="my label", address="summer")
    answer = Api(root).get("/links/all")
    (item,) = items(answer)
    assert item["created_by"] == {"id": str(world.owner.pk), "name": "Olga Owner", "email": "owner@example.com"}
    assert item["team"]["id"] == str(world.owner.membership.team_id)
    assert (item["name"], item["kind"], item["role"], item["audience"]) == ("Photos", "folder", "viewer", "anyone")
    assert (item["has_password"], item["standing"], item["revoked_at"]) == (True, "live", None)
    text = answer.content.decode()
    for secret in (link.token, "summer", link.password, "For Grace", "secret message", "my label"):
        assert secret not in text


def test_filters(world: Linked, root: User) -> None:
    stranger = make_user("stranger@example.com")
    foreign = world.link(put(actor_of(stranger), "a.txt", b"x").node, stranger)
    live, inside = world.link(), world.link(audience=Audience.TEAM)
    theirs = world.link(world.plans, world.editor)
    expired = ended(world.link(expires_at=now() + DAY), expires_at=now() - DAY)
    closed = ended(world.link(role=LinkRole.UPLOADER, deadline=now() + DAY), deadline=now() - DAY)
    late = ended(world.link(role=LinkRole.UPLOADER, deadline=now() + DAY, grace=DAY), deadline=now() - DAY / 2)
    request = world.link(role=LinkRole.UPLOADER)
    gone, lost = world.link(), world.link()
    revoke_link(world.actor, link_id=gone.pk)
    Grant.objects.filter(link_id=lost.pk).delete()
    own = {one.pk for one in (live, inside, expired, closed, late, request, gone, lost)}
    api = Api(root)
    assert ids(api.get("/links/all", limit=200)) == own | {theirs.pk, foreign.pk}
    assert ids(api.get("/links/all", team_id=stranger.membership.team_id)) == {foreign.pk}
    assert ids(api.get("/links/all", user_id=world.editor.pk)) == {theirs.pk}
    assert ids(api.get("/links/all", audience="team")) == {inside.pk}
    team = {"team_id": world.owner.membership.team_id}
    assert ids(api.get("/links/all", standing="expired", **team)) == {expired.pk, closed.pk}
    assert ids(api.get("/links/all", standing="revoked", **team)) == {gone.pk, lost.pk}
    assert ids(api.get("/links/all", standing="live", **team)) == {live.pk, inside.pk, theirs.pk, late.pk, request.pk}
    assert problem(api.get("/links/all", standing="odd")) == (400, "invalid_request")


def test_pages(world: Linked, root: User, django_assert_max_num_queries: Any) -> None:
    made = [world.link().pk for _ in range(5)]
    api, found, cursor = Api(root), list[int](), {}
    while True:
        answer = api.get("/links/all", limit=2, **cursor)
        found += [int(item["id"]) for item in items(answer)]
        if answer.json()["next_cursor"] is None:
            break
        cursor = {"cursor": answer.json()["next_cursor"]}
    assert found == made[::-1]
    assert problem(api.get("/links/all", limit=2, standing="live", **cursor)) == (400, "invalid_cursor")
    for number in (5, 10):
        while Link.objects.count() < number:
            world.link()
        with django_assert_max_num_queries(4):
            assert len(items(api.get("/links/all", limit=100))) == number


def test_revoking_one(world: Linked, root: User) -> None:
    link, other = world.link(world.plans, world.editor), world.link()
    api = Api(root)
    assert api.delete(f"/links/all/{link.pk}").status_code == 204
    with pytest.raises(LinkNotFound):
        opened(link)
    assert not Grant.objects.filter(link_id=link.pk).exists()
    assert opened(other)
    event = AuditEvent.objects.get(kind="link.revoke")
    assert (event.actor_id, event.team_id, event.target) == (root.pk, world.owner.membership.team_id, "Plans")
    assert event.detail == {"link": link.pk, "node": world.plans.pk, "of": world.editor.pk}
    assert problem(api.delete(f"/links/all/{link.pk}")) == (404, "link_not_found")
    assert problem(api.delete("/links/all/7")) == (404, "link_not_found")
