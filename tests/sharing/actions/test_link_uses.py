"""sharing.actions.link_uses: visits, downloads and uploads, each counted once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F

from accounts.actor import Actor
from accounts.models import AuditEvent
from sharing import errors
from sharing.actions import link_uses as module
from sharing.actions.link_uses import WINDOW, ZIP, count_download, count_upload, count_visit
from sharing.actions.links import revoke_link
from sharing.models import Link, LinkUse
from sharing.tasks import forget_link_uses
from tests.sharing.linked import VISITOR, Linked, opened
from tests.support.threads import at_once


def counters(link: Link) -> tuple[int, int, int]:
    link.refresh_from_db()
    return link.visits, link.downloads, link.uploads


def later(by: timedelta = WINDOW) -> None:
    LinkUse.objects.update(at=F("at") - by)


def from_address(actor: Actor, number: int) -> Actor:
    return replace(actor, address=f"203.0.113.{number}")


@pytest.mark.django_db
def test_a_visitor_counts_once_an_hour(world: Linked) -> None:
    link = world.link()
    actor = opened(link).actor
    for _ in range(3):
        count_visit(actor)
    assert counters(link) == (1, 0, 0)
    count_visit(from_address(actor, 1))
    later()
    count_visit(actor)
    assert counters(link) == (3, 0, 0)
    assert LinkUse.objects.count() == 1  # those of before have gone
    event = AuditEvent.objects.filter(kind="link.visit").order_by("pk")[0]
    assert (event.principal, event.link_id, event.address) == ("link", link.pk, VISITOR.address)
    assert event.team_id == world.owner.membership.team_id
    assert AuditEvent.objects.filter(kind="link.visit").count() == 3


@pytest.mark.django_db
def test_the_job_forgets_what_no_longer_counts(world: Linked) -> None:
    used, unused = opened(world.link()).actor, opened(world.link()).actor
    count_visit(unused)
    later()
    count_visit(used)
    assert forget_link_uses() == 1
    assert LinkUse.objects.get().link_id == used.link_id


@pytest.mark.django_db
def test_ipv6_counts_by_network(world: Linked) -> None:
    link = world.link()
    actor = opened(link).actor
    for host in range(3):
        count_visit(replace(actor, address=f"2001:db8::{host:x}"))
    assert counters(link)[0] == 1
    assert "2001" not in LinkUse.objects.get().visitor


@pytest.mark.django_db
def test_one_download_is_counted_once_however_many_requests_it_takes(world: Linked) -> None:
    link = world.link(max_downloads=2)
    actor = opened(link).actor
    for _ in range(5):
        count_download(actor, node_id=world.home.pk, etag=ZIP)
    assert counters(link)[1] == 1
    count_download(actor, node_id=1, etag='"1.1"')
    count_download(actor, node_id=1, etag='"1.1"')
    for node_id, etag in ((1, '"1.2"'), (2, '"2.1"')):  # another version, another file
        with pytest.raises(errors.LinkUsedUp):
            count_download(actor, node_id=node_id, etag=etag)
    with pytest.raises(errors.LinkUsedUp):
        count_download(from_address(actor, 1), node_id=1, etag='"1.1"')
    assert counters(link)[1] == 2
    count_download(actor, node_id=1, etag='"1.1"')  # it goes on
    later()
    with pytest.raises(errors.LinkUsedUp):
        count_download(actor, node_id=1, etag='"1.1"')
    assert AuditEvent.objects.filter(kind="link.download").count() == 2


@pytest.mark.django_db
def test_uploads_are_recorded_with_their_names(world: Linked) -> None:
    link = world.link(role="uploader")
    actor = opened(link).actor
    for late in (False, True):
        count_upload(actor, node_id=7, name="letter.doc", is_late=late)
    assert counters(link) == (0, 0, 2)
    details = AuditEvent.objects.filter(kind="link.upload").order_by("pk").values_list("detail", flat=True)
    assert list(details) == [{"node": 7, "name": "letter.doc", "late": late} for late in (False, True)]


@pytest.mark.django_db
def test_nothing_is_counted_through_a_link_that_was_revoked(world: Linked) -> None:
    link = world.link()
    actor = opened(link).actor
    revoke_link(world.actor, link_id=link.pk)
    for act in (
        lambda: count_visit(actor),
        lambda: count_download(actor, node_id=1, etag="x"),
        lambda: count_upload(actor, node_id=1, name="x"),
    ):
        with pytest.raises(errors.LinkNotFound):
            act()
    assert (counters(link), LinkUse.objects.count()) == ((0, 0, 0), 0)


@pytest.mark.django_db
def test_visitors_cannot_fill_the_server(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many in an hour visits are not counted, and each request for bytes counts as a download."""
    monkeypatch.setattr(module, "MAXIMUM_REMEMBERED", 2)
    link = world.link(max_downloads=3)
    actor = opened(link).actor
    for number in range(5):
        count_visit(from_address(actor, number))
    assert counters(link) == (2, 0, 0)
    for _ in range(3):
        count_download(actor, node_id=1, etag="x")
    with pytest.raises(errors.LinkUsedUp):
        count_download(actor, node_id=1, etag="x")
    assert (counters(link), LinkUse.objects.count()) == ((2, 3, 0), 2)


@pytest.mark.django_db(transaction=True)
def test_of_twelve_at_the_same_moment_five_get_it(world: Linked) -> None:
    link = world.link(max_downloads=5)
    actor = opened(link).actor
    acts = [
        lambda number=number: count_download(from_address(actor, number), node_id=1, etag="x") for number in range(12)
    ]
    results = at_once(*acts, expected=errors.LinkUsedUp)
    assert sum(result is None for result in results) == 5
    assert counters(link)[1] == LinkUse.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_of_one_download_by_eight_connections_one_counts(world: Linked) -> None:
    link = world.link(max_downloads=1)
    actor = opened(link).actor
    acts = [lambda: count_download(actor, node_id=1, etag="x") for _ in range(8)]
    assert at_once(*acts, expected=errors.LinkUsedUp) == [None] * 8
    assert counters(link)[1] == 1
