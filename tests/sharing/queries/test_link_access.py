"""sharing.queries.link_access: when a link opens and for whom, and that acts through it end with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import ADMIN, SHARE, Actor, Principal, PrincipalKind
from accounts.errors import InvalidCredentials
from accounts.models import User
from accounts.unit_of_work import look_again
from common.clock import now
from files import errors as file_errors
from files.access.rights import Right, Role
from files.actions.restrictions import restrict
from files.actions.trash import trash_nodes
from files.actions.write_file import write_file
from files.models import Change, Grant, Node, Space
from files.queries.listing import list_folder
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from http_kit import long_requests
from http_kit.long_requests import Watch
from sharing import errors
from sharing.actions.links import change_link, revoke_link
from sharing.models import Audience, Link, LinkRole
from sharing.queries.link_access import OpenLink, find_link, is_late, open_link, renewed
from tests.sharing.linked import VISITOR, Linked, give, opened
from tests.support.people import actor_of, make_user
from tests.support.trees import put


def names_in(found: OpenLink) -> set[str]:
    return {node.name for node in list_folder(found.actor, found.place).entries}


@pytest.mark.django_db
def test_a_link_is_found_by_its_token_exactly_and_by_its_address_in_any_case(world: Linked) -> None:
    link = world.link(address="summer-2026")
    for slug in (link.token, "summer-2026", "SUMMER-2026"):
        assert find_link(slug) == link
    swapped = link.token.swapcase()
    for slug in (swapped, link.token[:-1], link.token + "x", "", "x" * 65, "a/b", "a\0b", "é" * 10, "%"):
        with pytest.raises(errors.LinkNotFound):
            find_link(slug)


@pytest.mark.django_db
def test_the_actor_of_a_link(world: Linked) -> None:
    actor = opened(world.link(role=LinkRole.EDITOR)).actor
    assert (actor.user_id, actor.role, actor.is_staff) == (None, "", False)
    assert not actor.scopes & {SHARE, ADMIN}
    assert (actor.client, actor.address) == (VISITOR.client, VISITOR.address)
    assert actor.counted_as == -(actor.link_id or 0)
    assert actor_of(world.owner).counted_as == world.owner.pk


@pytest.mark.django_db
def test_a_file_request_sees_nothing(world: Linked) -> None:
    found = opened(world.link(role=LinkRole.UPLOADER))
    assert found.place.access.rights == Right.CREATE
    assert found.place.path == "/"
    put(found.actor, "letter.doc", b"dear", parent_id=found.place.node.pk)
    for look in (
        lambda: locate(found.actor, world.home.pk),
        lambda: names_in(found),
        lambda: locate(found.actor, locate_path(world.actor, "/Photos/letter.doc").node.pk),
    ):
        with pytest.raises(file_errors.NotFound):
            look()


@pytest.mark.django_db
def test_what_comes_through_a_link_is_journalled_with_it(world: Linked) -> None:
    link = world.link(role=LinkRole.EDITOR)
    put(opened(link).actor, "new.txt", parent_id=world.home.pk)
    change = Change.objects.order_by("-pk")[0]
    assert (change.principal, change.link_id, change.actor_id) == ("link", link.pk, None)
    assert change.grant_id == Grant.objects.get(link_id=link.pk).pk


@pytest.mark.django_db
def test_ends(world: Linked) -> None:
    link = world.link(role=LinkRole.EDITOR, expires_at=now() + timedelta(days=1))
    request = world.link(role=LinkRole.UPLOADER, deadline=now() + timedelta(days=1), grace=timedelta(hours=1))
    assert not is_late(request)
    actors = [opened(each).actor for each in (link, request)]
    Link.objects.filter(pk=link.pk).update(expires_at=now())
    with pytest.raises(errors.LinkExpired):
        opened(link)
    Link.objects.filter(pk=request.pk).update(deadline=now() - timedelta(minutes=59))
    assert is_late(opened(request).link)
    Link.objects.filter(pk=request.pk).update(deadline=now() - timedelta(minutes=61))
    with pytest.raises(errors.LinkClosed):
        opened(request)
    for actor, error in zip(actors, (errors.LinkExpired, errors.LinkClosed), strict=True):
        with pytest.raises(error):
            put(actor, "late.txt", parent_id=world.home.pk)


@pytest.mark.django_db
def test_the_grant_ends_by_itself(world: Linked) -> None:
    """Whoever forgot to ask the link is refused by files.access all the same."""
    link = world.link(expires_at=now() + timedelta(days=1))
    actor = opened(link).actor
    Grant.objects.filter(link_id=link.pk).update(expires_at=now())
    with pytest.raises(file_errors.NotFound):
        locate(actor, world.home.pk)


@pytest.mark.django_db
def test_for_whom(world: Linked) -> None:
    stranger = actor_of(make_user())
    for audience, ones in (
        (Audience.ANYONE, (VISITOR, stranger, actor_of(world.other))),
        (Audience.SIGNED_IN, (stranger, actor_of(world.other))),
        (Audience.TEAM, (actor_of(world.other),)),
    ):
        link = world.link(audience=audience)
        for visitor in ones:
            assert opened(link, visitor).actor.link_id == link.pk
    with pytest.raises(errors.LinkSignInRequired):
        opened(link)
    with pytest.raises(errors.LinkNotForYou):
        opened(link, stranger)


@pytest.mark.django_db
def test_who_comes_by_a_link_of_the_team_loses_it_with_the_team(world: Linked) -> None:
    link = world.link(audience=Audience.TEAM)
    actor = opened(link, actor_of(world.other)).actor
    assert renewed(actor).link_id == link.pk
    User.objects.filter(pk=world.other.pk).update(is_active=False)
    with pytest.raises(InvalidCredentials):
        renewed(actor)
    with pytest.raises(errors.LinkSignInRequired):
        renewed(replace(actor, behind=None))


def revoked(world: Linked, link: Link) -> None:
    revoke_link(world.actor, link_id=link.pk)


def with_a_password(world: Linked, link: Link) -> None:
    change_link(world.actor, link_id=link.pk, changes={"password": "sea and sand"})


def trashed(world: Linked, link: Link) -> None:
    trash_nodes(world.actor, node_ids=[link.node_id])


def left(world: Linked, link: Link) -> None:
    User.objects.filter(pk=world.owner.pk).update(is_active=False)


def for_people_of_the_team(world: Linked, link: Link) -> None:
    change_link(world.actor, link_id=link.pk, changes={"audience": "team"})


LOSSES: dict[Callable[[Linked, Link], None], type[Exception]] = {
    revoked: errors.LinkNotFound,
    with_a_password: InvalidCredentials,
    trashed: errors.LinkTargetInTrash,
    left: errors.LinkPaused,
    for_people_of_the_team: errors.LinkSignInRequired,
}


@pytest.mark.django_db
@pytest.mark.parametrize("loses", LOSSES, ids=lambda loses: loses.__name__)
def test_what_is_under_way_ends(world: Linked, loses: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload whose body is on its way, and what is streamed or waits."""
    monkeypatch.setattr(long_requests, "EVERY", 0.0)
    link = world.link(role=LinkRole.EDITOR)
    actor = opened(link).actor
    watch = Watch(actor, "read")
    watch()
    assert look_again(actor) == actor

    def body() -> Iterator[bytes]:
        yield b"the first half"
        loses(world, link)
        yield b"the second"

    with pytest.raises(LOSSES[loses]):
        write_file(actor, target=Target("new.txt", parent_id=world.home.pk), chunks=body(), length=None)
    assert not Node.objects.filter(name="new.txt").exists()
    with pytest.raises(LOSSES[loses]):
        watch()


@pytest.mark.django_db
def test_nothing_of_a_restricted_folder_below_is_seen(world: Linked) -> None:
    put(world.actor, "Plans/hidden/canary.txt", space_id=world.space.pk)
    link = world.link(world.plans, by=world.editor)
    hidden = locate_path(world.actor, "/Plans/hidden", space_id=world.space.pk).node
    actor = opened(link).actor
    assert names_in(opened(link)) == {"hidden", "a.txt"}
    restrict(world.actor, node_id=hidden.pk)
    assert names_in(opened(link)) == {"a.txt"}
    with pytest.raises(file_errors.NotFound):
        locate(actor, hidden.pk)


@pytest.mark.django_db
def test_a_link_is_paused_behind_a_restriction_that_shuts_its_maker_out(world: Linked) -> None:
    """Its own grant would still hold, on the folder itself."""
    link = world.link(world.plans, by=world.editor)
    restrict(world.actor, node_id=world.plans.pk)
    with pytest.raises(errors.LinkPaused):
        opened(link)
    give(world.owner, world.space, world.editor, Role.MANAGER)
    assert opened(link).place.node == world.plans


@pytest.mark.django_db
def test_a_deleted_space(world: Linked) -> None:
    link = world.link(world.plans)
    Space.objects.filter(pk=world.space.pk).update(deleted_at=now())
    with pytest.raises(errors.LinkTargetInTrash):
        opened(link)
    Space.objects.filter(pk=world.space.pk).update(purge_began_at=now())
    with pytest.raises(errors.LinkNotFound):
        opened(link)


@pytest.mark.django_db
def test_a_link_of_the_same_id_that_nobody_made_is_nothing(world: Linked) -> None:
    world.link()
    for number in (1, 10**12):
        with pytest.raises(errors.LinkNotFound):
            renewed(Actor(Principal(PrincipalKind.LINK, number)))


@pytest.mark.django_db
def test_what_opening_costs(world: Linked, django_assert_num_queries: Any) -> None:
    """The link with its maker, the way to the node, the node, the way once more, and the grant of the link; out of the
    home of its maker also what they may do."""
    home, plans = world.link(), world.link(world.plans)
    with django_assert_num_queries(5):
        open_link(home.token, VISITOR)
    with django_assert_num_queries(6):
        open_link(plans.token, VISITOR)
    actor = opened(home).actor
    with django_assert_num_queries(2):
        renewed(actor)
