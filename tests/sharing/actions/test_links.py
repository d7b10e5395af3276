"""sharing.actions.links: making, changing and revoking, and what becomes of a link when things around it change."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import READ, WRITE
from accounts.errors import LimitReached, ScopeMissing
from accounts.models import AuditEvent, User
from common.clock import now
from files import errors as file_errors
from files.access.explain import SubjectKind
from files.access.rights import Right, Role
from files.actions.grants import Subject, remove_grant, set_grant
from files.actions.move import move_node
from files.actions.restrictions import restrict
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.models import Grant
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from sharing import errors
from sharing.actions import links as module
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import change_link, create_link, revoke_link
from sharing.models import Link, LinkRole, LinkUse
from tests.sharing.linked import Linked, give, opened
from tests.support.people import actor_of, make_user
from tests.support.trees import put


def grant_of(link: Link) -> Grant:
    return Grant.objects.get(link_id=link.pk)


def events(kind: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(kind=kind).order_by("pk").values_list("detail", flat=True))


@pytest.mark.django_db
def test_a_link_gives_what_its_grant_says(world: Linked) -> None:
    link = world.link(role=LinkRole.VIEWER, allow_download=False, expires_at=now() + timedelta(days=1))
    grant = grant_of(link)
    assert (grant.node_id, grant.role, grant.can_download) == (world.home.pk, "viewer", False)
    assert (grant.expires_at, grant.created_by_id, grant.space_id) == (
        link.expires_at,
        world.owner.pk,
        world.home.space_id,
    )
    assert len(link.token) == 22
    assert opened(link).place.access.rights == Right.VIEW
    (detail,) = events("link.create")
    assert (detail["link"], detail["role"], detail["password"]) == (link.pk, "viewer", False)
    assert link.token not in str(detail)


@pytest.mark.django_db
def test_by_path_and_through_a_mount(world: Linked) -> None:
    link = create_link(world.actor, path="/Photos/sea.jpg", settings=LinkSettings())
    assert link.node.name == "sea.jpg"
    mounted = create_link(actor_of(world.editor), path="/Work/Plans", settings=LinkSettings())
    assert mounted.node_id == world.plans.pk


@pytest.mark.django_db
def test_who_may_make_one(world: Linked) -> None:
    def make(user: User, node_id: int, role: str = LinkRole.VIEWER, **changes: Any) -> Link:
        return create_link(actor_of(user, **changes), node_id=node_id, settings=LinkSettings(role=role))

    for user in (world.other, make_user()):
        with pytest.raises(file_errors.NotFound):
            make(user, world.home.pk)
    with pytest.raises(ScopeMissing):
        make(world.owner, world.home.pk, scopes=frozenset({READ, WRITE}))
    give(world.owner, world.space, world.other, Role.VIEWER)
    with pytest.raises(file_errors.Forbidden):
        make(world.other, world.plans.pk)
    assert make(world.editor, world.plans.pk, LinkRole.EDITOR).role == "editor"
    with pytest.raises(file_errors.RootIsFixed):
        make(world.owner, locate_path(world.actor, "/").node.pk)
    file = locate_path(world.actor, "/Photos/sea.jpg").node
    with pytest.raises(file_errors.NotAFolder):
        make(world.owner, file.pk, LinkRole.UPLOADER)
    link = world.link()
    with pytest.raises(ScopeMissing):
        create_link(opened(link).actor, node_id=world.home.pk, settings=LinkSettings())
    assert Link.objects.count() == 2


@pytest.mark.django_db
def test_nobody_gives_more_than_they_have(world: Linked) -> None:
    give(world.owner, world.space, world.other, Role.EDITOR)
    Grant.objects.filter(user=world.other).update(can_download=False)
    with pytest.raises(file_errors.Forbidden):
        world.link(world.plans, by=world.other)
    link = world.link(world.plans, by=world.other, allow_download=False)
    with pytest.raises(file_errors.Forbidden):
        change_link(actor_of(world.other), link_id=link.pk, changes={"allow_download": True})
    assert not grant_of(link).can_download


@pytest.mark.django_db
def test_a_change_changes_the_grant(world: Linked) -> None:
    link = world.link(role=LinkRole.UPLOADER, title="Reports", deadline=now() + timedelta(days=2))
    assert grant_of(link).expires_at == link.deadline
    end = now() + timedelta(days=1)
    Link.objects.filter(pk=link.pk).update(visits=7)
    changed = change_link(world.actor, link_id=link.pk, changes={"grace": timedelta(hours=1), "title": "All reports"})
    assert changed.deadline is not None
    assert (grant_of(link).expires_at, changed.title) == (changed.deadline + timedelta(hours=1), "All reports")
    changed = change_link(world.actor, link_id=link.pk, changes={"expires_at": end})
    assert (grant_of(link).expires_at, changed.visits) == (end, 7)
    change_link(world.actor, link_id=link.pk, changes={"role": "editor", "deadline": None, "grace": timedelta(0)})
    assert grant_of(link).role == "editor"
    assert opened(link).place.access.rights >= Right.VIEW | Right.EDIT
    assert events("link.change")[-1]["changed"] == ["deadline", "grace", "role"]


@pytest.mark.django_db
def test_an_end_that_has_passed_does_not_stand_against_other_changes(world: Linked) -> None:
    link = world.link(expires_at=now() + timedelta(days=1))
    Link.objects.filter(pk=link.pk).update(expires_at=now() - timedelta(days=1))
    assert change_link(world.actor, link_id=link.pk, changes={"label": "old"}).label == "old"
    with pytest.raises(file_errors.InvalidRequest):
        change_link(world.actor, link_id=link.pk, changes={"expires_at": now() - timedelta(days=2)})


@pytest.mark.django_db
def test_whose_link_it_is(world: Linked) -> None:
    """Its maker's, and for who manages what it leads to."""
    link = world.link(world.plans, by=world.editor)
    give(world.owner, world.space, world.other, Role.EDITOR)
    for act in (
        lambda actor: change_link(actor, link_id=link.pk, changes={"title": "x"}),
        lambda actor: revoke_link(actor, link_id=link.pk),
    ):
        for user in (world.other, make_user()):
            with pytest.raises(errors.LinkNotFound):
                act(actor_of(user))
        with pytest.raises(ScopeMissing):
            act(actor_of(world.editor, scopes=frozenset({READ, WRITE})))
    assert change_link(world.actor, link_id=link.pk, changes={"title": "ours"}).created_by_id == world.editor.pk
    revoke_link(world.actor, link_id=link.pk)
    with pytest.raises(errors.LinkNotFound):
        opened(link)


@pytest.mark.django_db
def test_revoking_takes_the_grant_and_is_final(world: Linked) -> None:
    link = world.link()
    revoke_link(world.actor, link_id=link.pk)
    assert not Grant.objects.filter(link_id=link.pk).exists()
    for act in (
        lambda: opened(link),
        lambda: change_link(world.actor, link_id=link.pk, changes={}),
        lambda: revoke_link(world.actor, link_id=link.pk),
        lambda: revoke_link(world.actor, link_id=10**30),
    ):
        with pytest.raises(errors.LinkNotFound):
            act()
    assert events("link.revoke")[0]["link"] == link.pk


@pytest.mark.django_db
def test_taking_the_grant_away_revokes_it(world: Linked) -> None:
    link = world.link()
    remove_grant(world.actor, grant_id=grant_of(link).pk)
    with pytest.raises(errors.LinkNotFound):
        opened(link)


@pytest.mark.django_db
def test_it_follows_a_move_and_sleeps_in_the_trash(world: Linked) -> None:
    link = world.link()
    move_node(world.actor, node_id=world.home.pk, target=Target("Elsewhere/Pictures"))
    assert opened(link).place.node.name == "Pictures"
    assert opened(link).place.path == "/"
    (item,) = trash_nodes(world.actor, node_ids=[world.home.pk])
    with pytest.raises(errors.LinkTargetInTrash):
        opened(link)
    restore_items(world.actor, item_ids=[item.pk])
    assert opened(link).place.node.pk == world.home.pk


@pytest.mark.django_db
def test_it_sleeps_with_a_folder_above(world: Linked) -> None:
    inner = locate_path(world.actor, "/Photos/more").node
    link = world.link(inner)
    trash_nodes(world.actor, node_ids=[world.home.pk])
    with pytest.raises(errors.LinkTargetInTrash):
        opened(link)
    revoke_link(world.actor, link_id=link.pk)
    assert not Grant.objects.filter(link_id=link.pk).exists()


@pytest.mark.django_db
def test_it_goes_with_the_last_row_of_its_node(world: Linked) -> None:
    link, other = world.link(), world.link(world.plans)
    LinkUse.objects.create(link=link, node_id=0, what="visit", visitor="x", at=now())
    trash_nodes(world.actor, node_ids=[world.home.pk])
    empty_trash(world.actor)
    with pytest.raises(errors.LinkNotFound):  # gone for people at once
        opened(link)
    remove_purged_rows()
    assert list(Link.objects.all()) == [other]
    assert not LinkUse.objects.exists()


@pytest.mark.django_db
def test_a_restricted_folder_that_is_made_again_has_no_links(world: Linked) -> None:
    """It is for the same people; a link led to the folder that is gone."""
    inner = put(world.actor, "Plans/closed/a.txt", space_id=world.space.pk).node
    closed = locate_path(world.actor, "/Plans/closed", space_id=world.space.pk).node
    restrict(world.actor, node_id=closed.pk)
    set_grant(world.actor, node_id=closed.pk, subject=Subject(SubjectKind.USER, world.editor.pk), role=Role.EDITOR)
    link = world.link(closed)
    (item,) = trash_nodes(world.actor, node_ids=[inner.pk])
    trash_nodes(world.actor, node_ids=[closed.pk])
    (place,) = restore_items(world.actor, item_ids=[item.pk])
    again = place.node.parent_id
    assert again != closed.pk
    assert Grant.objects.filter(node_id=again, user=world.editor).exists()
    assert [grant.node_id for grant in Grant.objects.filter(link_id=link.pk)] == [closed.pk]


@pytest.mark.django_db
def test_it_follows_into_another_space(world: Linked) -> None:
    link = world.link()
    move_node(world.actor, node_id=world.home.pk, target=Target("Photos", space_id=world.space.pk))
    assert opened(link).place.space.pk == world.space.pk
    assert grant_of(link).space_id == world.space.pk


@pytest.mark.django_db
def test_it_is_paused_while_its_maker_may_not_share(world: Linked) -> None:
    link = world.link(world.plans, by=world.editor)
    grant = Grant.objects.get(user=world.editor)
    Grant.objects.filter(pk=grant.pk).update(role=Role.VIEWER)
    with pytest.raises(errors.LinkPaused):
        opened(link)
    with pytest.raises(file_errors.Forbidden):
        change_link(actor_of(world.editor), link_id=link.pk, changes={"title": "x"})
    Grant.objects.filter(pk=grant.pk).update(role=Role.EDITOR)
    assert opened(link).link == link
    remove_grant(world.actor, grant_id=grant.pk)
    with pytest.raises(errors.LinkPaused):
        opened(link)
    revoke_link(actor_of(world.editor), link_id=link.pk)  # which its maker may always do


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["stopped", "removed", "deleted"])
def test_who_manages_takes_it_over(world: Linked, end: str) -> None:
    link = world.link(world.plans, by=world.editor)
    if end == "stopped":
        User.objects.filter(pk=world.editor.pk).update(is_active=False)
    elif end == "removed":
        world.editor.membership.delete()
    else:
        Link.objects.filter(pk=link.pk).update(created_by=None)
    with pytest.raises(errors.LinkPaused):
        opened(link)
    give(world.owner, world.space, world.other, Role.EDITOR)
    with pytest.raises(errors.LinkNotFound):
        change_link(actor_of(world.other), link_id=link.pk, changes={}, take_over=True)
    assert change_link(world.actor, link_id=link.pk, changes={}, take_over=True).created_by == world.owner
    assert opened(link).place.node == world.plans
    assert (grant_of(link).created_by, len(events("link.take_over"))) == (world.owner, 1)


@pytest.mark.django_db
def test_an_archived_space_can_be_read_through_its_links(world: Linked) -> None:
    link = world.link(world.plans, role=LinkRole.EDITOR)
    world.space.archived_at = now()
    world.space.save()
    assert opened(link).place.access.rights == Right.VIEW | Right.DOWNLOAD
    with pytest.raises(file_errors.SpaceArchived):
        change_link(world.actor, link_id=link.pk, changes={"title": "x"})
    revoke_link(world.actor, link_id=link.pk)


@pytest.mark.django_db
def test_own_addresses(world: Linked) -> None:
    link = world.link(address="Summer-2026")
    assert (link.address, link.slug) == ("summer-2026", "summer-2026")
    with pytest.raises(errors.LinkAddressTaken):
        world.link(world.plans, by=world.editor, address="SUMMER-2026")
    other = world.link()
    with pytest.raises(errors.LinkAddressTaken):
        change_link(world.actor, link_id=other.pk, changes={"address": "summer-2026"})
    revoke_link(world.actor, link_id=link.pk)
    with pytest.raises(errors.LinkAddressTaken):  # what was sent to it would lead to a stranger's files
        world.link(world.plans, by=world.editor, address="summer-2026")
    again = change_link(world.actor, link_id=other.pk, changes={"address": "summer-2026"})
    assert again.address == "summer-2026"
    assert change_link(world.actor, link_id=other.pk, changes={"address": None}).slug == other.token


@pytest.mark.django_db
def test_there_are_only_so_many(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_ON_NODE", 2)
    world.link(), world.link()
    with pytest.raises(file_errors.TooMany):
        world.link()
    monkeypatch.setattr(module, "MAXIMUM_OF_PERSON", 2)
    with pytest.raises(LimitReached):
        world.link(world.plans)
    monkeypatch.setattr(module, "KEPT_REVOKED", 1)
    for link in Link.objects.all():
        revoke_link(world.actor, link_id=link.pk)
    assert Link.objects.count() == 1
    world.link(world.plans)


@pytest.mark.django_db
def test_it_sees_nothing_above_its_root(world: Linked) -> None:
    actor = opened(world.link(role=LinkRole.EDITOR)).actor
    put(actor, "new.txt", b"through the link", parent_id=world.home.pk)
    assert locate_path(world.actor, "/Photos/new.txt").shown.size == 16
    above = locate_path(world.actor, "/").node.pk
    for node_id in (above, locate_path(world.actor, "/secret.txt").node.pk, world.plans.pk, world.space.root_id or 0):
        with pytest.raises(file_errors.NotFound):
            locate(actor, node_id)
        with pytest.raises(file_errors.NotFound):
            put(actor, "x.txt", parent_id=node_id)
