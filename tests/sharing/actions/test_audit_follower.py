"""sharing.actions.audit_follower: shares in the audit record become activity, and people are told, once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.groups import add_to_group, create_group
from accounts.actions.invite import invite
from accounts.actor import Actor
from accounts.models import AuditEvent, User
from common.clock import now
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject, remove_grant, set_grant
from files.actions.restrictions import restrict, unrestrict
from files.models import Grant, Node
from sharing.actions import audit_follower
from sharing.actions.audit_follower import follow_audit
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import create_link, revoke_link
from sharing.models import AuditPosition, Happening, Notification
from sharing.queries.notification_texts import text_of
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_follower, "DELAY", timedelta(0))


@pytest.fixture
def bea(user: User) -> User:
    user.membership.team.seats = 10
    user.membership.team.save()
    return make_member(user, name="Bea")


@pytest.fixture
def node(actor: Actor) -> Node:
    put(actor, "above/canary/Reports/a.txt")
    return Node.objects.get(name="Reports")


def texts(user: User) -> list[str]:
    return [text_of(row) for row in Notification.objects.filter(user=user).order_by("pk")]


def to(user: User) -> Subject:
    return Subject(SubjectKind.USER, user.pk)


def test_a_share_is_told_once_and_kept(actor: Actor, user: User, bea: User, node: Node) -> None:
    grant = set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.VIEWER)
    set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.VIEWER, expires_at=now() + timedelta(days=1))
    set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.EDITOR)
    remove_grant(actor, grant_id=grant.pk)
    follow_audit()
    who = user.get_full_name()
    assert texts(bea) == [
        f"{who} shared “Reports” with you",
        f"{who} changed what you may do with “Reports”",
        f"{who} no longer shares “Reports” with you",
    ]
    assert texts(user) == []
    kinds = list(Happening.objects.order_by("at").values_list("kind", "detail__subject", "detail__role"))
    assert kinds == [("share", "user", "viewer")] * 2 + [("share", "user", "editor"), ("unshare", "user", "editor")]
    before = (Happening.objects.count(), Notification.objects.count())
    for again in (lambda: None, lambda: AuditPosition.objects.update(at=now() - timedelta(seconds=30))):
        again()
        follow_audit()
        assert (Happening.objects.count(), Notification.objects.count()) == before


def test_what_is_committed_late_is_found(actor: Actor, bea: User, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_follower, "IDLE", timedelta(0))
    set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.VIEWER)
    event = AuditEvent.objects.get(kind="grant.set")
    AuditEvent.objects.filter(pk=event.pk).delete()
    follow_audit()
    event.save(force_insert=True)
    AuditEvent.objects.filter(pk=event.pk).update(at=AuditPosition.objects.get().at - timedelta(seconds=20))
    follow_audit()
    assert len(texts(bea)) == 1


def test_groups_and_teams_are_told_without_who_did_it(actor: Actor, user: User, bea: User, node: Node) -> None:
    carl = make_member(user, name="Carl")
    outside = make_user("outside@example.org")
    group = create_group(actor, name="Editors")
    add_to_group(actor, group_id=group.pk, user_id=bea.pk)
    set_grant(actor, node_id=node.pk, subject=Subject(SubjectKind.GROUP, group.pk), role=Role.VIEWER)
    follow_audit()
    assert (len(texts(bea)), len(texts(carl)), len(texts(user))) == (1, 0, 0)
    team = Subject(SubjectKind.TEAM, actor.team_id or 0)
    set_grant(actor, node_id=node.pk, subject=team, role=Role.VIEWER)
    follow_audit()
    assert (len(texts(bea)), len(texts(carl)), len(texts(user)), len(texts(outside))) == (2, 1, 0, 0)


def test_who_leaves_by_themselves_is_not_told(actor: Actor, bea: User, node: Node) -> None:
    grant = set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.VIEWER)
    remove_grant(actor_of(bea), grant_id=grant.pk)
    follow_audit()
    assert len(texts(bea)) == 1


def test_names_are_those_of_then(actor: Actor, user: User, bea: User, node: Node) -> None:
    grant = set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.VIEWER)
    remove_grant(actor, grant_id=grant.pk)
    Node.objects.filter(pk=node.pk).update(name="canary secret")
    space = mounted_space(actor, "Plans", is_open=False)
    set_grant(actor, node_id=space.root_id or 0, subject=to(bea), role=Role.VIEWER)
    follow_audit()
    assert not [text for text in texts(bea) if "canary" in text]
    assert texts(bea)[-1] == f"{user.get_full_name()} shared “Plans” with you"


def test_old_shares_are_activity_and_told_to_nobody(actor: Actor, bea: User, node: Node) -> None:
    set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.VIEWER)
    AuditEvent.objects.update(at=now() - timedelta(days=2))
    follow_audit()
    assert (Happening.objects.count(), texts(bea)) == (1, [])


def test_restrictions_and_nodes_that_are_gone(actor: Actor, node: Node, bea: User) -> None:
    space = mounted_space(actor, "Plans")
    put(actor, "closed/a.txt", space_id=space.pk)
    closed = Node.objects.get(name="closed")
    restrict(actor, node_id=closed.pk), unrestrict(actor, node_id=closed.pk)
    set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.VIEWER)
    Grant.objects.filter(node_id=node.pk).delete()
    AuditEvent.objects.filter(kind="grant.set").update(detail={"node": 10**9, "subject": "user", "id": bea.pk})
    follow_audit()
    assert list(Happening.objects.order_by("at").values_list("kind", flat=True)) == ["restrict", "unrestrict"]
    assert texts(bea) == []


def test_links_are_activity_and_told_to_nobody(actor: Actor, node: Node) -> None:
    link = create_link(actor, settings=LinkSettings(), node_id=node.pk)
    revoke_link(actor, link_id=link.pk)
    follow_audit()
    made, ended = Happening.objects.order_by("at")
    assert (made.kind, ended.kind, made.detail, ended.detail["id"]) == (
        "share",
        "unshare",
        {"subject": "link", "id": link.pk, "role": "viewer"},
        link.pk,
    )
    assert Notification.objects.count() == 0


def test_invitations(actor: Actor, user: User) -> None:
    user.membership.team.seats = 10
    user.membership.team.save()
    invited = make_user("invited@example.org")
    invite(actor, email="invited@example.org")
    invite(actor, email="nobody.there@example.org")
    follow_audit()
    (text,) = texts(invited)
    assert user.membership.team.name in text
    assert text.startswith(user.get_full_name())
    assert Notification.objects.count() == 1


def test_in_small_steps(
    actor: Actor, bea: User, node: Node, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(audit_follower, "BATCH", 2)
    for _ in range(3):
        grant = set_grant(actor, node_id=node.pk, subject=to(bea), role=Role.VIEWER)
        remove_grant(actor, grant_id=grant.pk)
    run: Callable[[], int] = follow_audit
    assert run() == 6
    assert len(texts(bea)) == 6
    with django_assert_max_num_queries(10):
        assert run() == 0
