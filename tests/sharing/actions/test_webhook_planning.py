"""sharing.actions.webhook_planning: what is sent, of which journals, in which order, and what is hidden."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import Membership, User
from common.clock import now
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject, set_grant
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import Space
from sharing.actions import audit_follower, webhook_planning
from sharing.actions.audit_follower import follow_audit
from sharing.actions.webhook_planning import take_happenings
from sharing.actions.webhooks import replay
from sharing.models import Webhook, WebhookDelivery, WebhookPosition
from tests.sharing.hooked import hook, run, states
from tests.sharing.webhook_receiver import HttpReceiver
from tests.support.mounts import MountedSpace
from tests.support.people import actor_of
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def told(receiver: HttpReceiver) -> list[tuple[str, str]]:
    return [(one["kind"], one["path"]) for got in receiver.got for one in got.events]


def test_pieces_and_kinds(actor: Actor, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_planning, "EVENTS", 3)
    hook(actor, receiver.url)
    hook(actor, receiver.url + "&edit", kinds=["edit", "delete"])
    for number in range(7):
        put(actor, f"{number}.txt")
    put(actor, "0.txt", b"again")
    trash_nodes(actor, node_ids=[put(actor, "gone.txt").node.pk])
    run()
    whole = [got for got in receiver.got if not got.path.endswith("edit")]
    assert [len(got.events) for got in whole] == [3, 3, 3, 1]
    assert [one["path"] for got in whole for one in got.events][:7] == [f"/{number}.txt" for number in range(7)]
    assert len({one["id"] for got in whole for one in got.events}) == 10
    some = [got for got in receiver.got if got.path.endswith("edit")]
    assert [(one["kind"], one["path"]) for got in some for one in got.events] == [
        ("edit", "/0.txt"),
        ("delete", "/gone.txt"),
    ]
    assert [position.seq for position in WebhookPosition.objects.all()] == [home_of(User.objects.get()).seq] * 2


def test_what_is_hidden_is_not_sent(spaced: MountedSpace, receiver: HttpReceiver) -> None:
    """An admin who is not the owner: of a closed space what they see, nothing of a restricted folder in it, and nothing
    of a space that they are not in.
    """
    owner = actor_of(spaced.owner)
    Membership.objects.filter(user=spaced.editor).update(role="admin")
    admin = actor_of(spaced.editor)
    hook(admin, receiver.url, of_team=True)
    secret = put(owner, "Secret/plan.txt", space_id=spaced.space.pk).node
    put(owner, "open.txt", space_id=spaced.space.pk)
    restrict(owner, node_id=secret.parent_id or 0)
    run()
    assert told(receiver) == [("add", "/open.txt")]
    assert b"Secret" not in receiver.got[0].body
    spaced.end(spaced.editor)
    put(owner, "closed.txt", space_id=spaced.space.pk)
    assert run() == 0
    spaced.role(spaced.editor, Role.EDITOR)
    put(owner, "later.txt", space_id=spaced.space.pk)
    run()
    assert told(receiver)[1:] == [("add", "/later.txt")]  # what happened while they were out stays out


def test_what_became_hidden_is_not_sent_again(spaced: MountedSpace, receiver: HttpReceiver) -> None:
    owner = actor_of(spaced.owner)
    Membership.objects.filter(user=spaced.editor).update(role="admin")
    admin = actor_of(spaced.editor)
    row = hook(admin, receiver.url, of_team=True).webhook
    node = put(owner, "Secret/plan.txt", space_id=spaced.space.pk).node
    run()
    assert told(receiver) == [("add", "/Secret"), ("add", "/Secret/plan.txt")]
    put(owner, "Secret/plan.txt", b"two", space_id=spaced.space.pk)
    receiver.says(500)
    run()
    restrict(owner, node_id=node.parent_id or 0)
    Webhook.objects.update(due_at=None)
    receiver.answer = None
    assert run() == 0  # a retry tells no more than the first try would by now
    assert states(row) == ["delivered", "withheld"]
    replay(admin, webhook_id=row.pk, delivery_id=WebhookDelivery.objects.order_by("pk")[0].pk)
    assert run() == 0


@pytest.mark.parametrize("end", ["demoted", "left", "inactive", "no admin"])
def test_who_is_not_in_charge_any_more(spaced: MountedSpace, receiver: HttpReceiver, end: str) -> None:
    owner = actor_of(spaced.owner)
    spaced.role(spaced.editor, Role.MANAGER)
    Membership.objects.filter(user=spaced.editor).update(role="admin")
    of_team = end == "no admin"
    row = hook(
        actor_of(spaced.editor), receiver.url, space_id=None if of_team else spaced.space.pk, of_team=of_team
    ).webhook
    put(owner, "one.txt", space_id=spaced.space.pk)
    run()
    assert told(receiver) == [("add", "/one.txt")]
    if end == "demoted":
        spaced.role(spaced.editor, Role.EDITOR)
    elif end == "left":
        Membership.objects.filter(user=spaced.editor).delete()
    elif end == "inactive":
        User.objects.filter(pk=spaced.editor.pk).update(is_active=False)
    else:
        Membership.objects.filter(user=spaced.editor).update(role="member")
    put(owner, "two.txt", space_id=spaced.space.pk)
    WebhookDelivery.objects.update(state="pending")
    assert run() == 0
    assert len(receiver.got) == 1
    assert states(row) == ["withheld"]


def test_all_spaces_of_a_team(spaced: MountedSpace, receiver: HttpReceiver) -> None:
    """Also those that come later, from their beginning; homes are nobody else's."""
    owner = actor_of(spaced.owner)
    hook(owner, receiver.url, of_team=True)
    later = create_team_space(owner, name="Later")
    put(owner, "in_later.txt", space_id=later.pk)
    put(owner, "in_plans.txt", space_id=spaced.space.pk)
    put(owner, "at_home.txt"), put(actor_of(spaced.viewer), "theirs.txt")
    run()
    assert sorted(told(receiver)) == [("add", "/in_later.txt"), ("add", "/in_plans.txt")]
    spaces = {one["space_id"] for got in receiver.got for one in got.events}
    assert spaces == {str(later.pk), str(spaced.space.pk)}


def test_shares(spaced: MountedSpace, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_follower, "DELAY", timedelta(0))
    owner = actor_of(spaced.owner)
    row = hook(owner, receiver.url, space_id=spaced.space.pk, kinds=["share"]).webhook
    node = spaced.place("notes").node
    set_grant(owner, node_id=node.pk, subject=Subject(SubjectKind.USER, spaced.viewer.pk), role=Role.EDITOR)
    put(owner, "no.txt", space_id=spaced.space.pk)
    follow_audit()
    assert (take_happenings(), take_happenings()) == (1, 0)
    run()
    (event,) = receiver.got[0].events
    assert (event["kind"], event["path"], event["node_kind"]) == ("share", "/notes", "folder")
    assert event["share"] == {"with_kind": "user", "with_id": str(spaced.viewer.pk), "role": "editor"}
    assert len(receiver.got) == 1
    Space.objects.filter(pk=spaced.space.pk).update(deleted_at=now())
    WebhookDelivery.objects.update(state="pending")
    assert run() == 0
    assert states(row) == ["withheld"]


def test_happenings_are_bounded(spaced: MountedSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_follower, "DELAY", timedelta(0))
    monkeypatch.setattr(webhook_planning, "MOST_WAITING", 1)
    owner = actor_of(spaced.owner)
    hook(owner, space_id=spaced.space.pk)
    for role in (Role.EDITOR, Role.COMMENTER, Role.VIEWER):
        spaced.role(spaced.editor, role)
    follow_audit()
    take_happenings()
    assert WebhookDelivery.objects.count() == 1


def test_nothing_to_do_costs_little(actor: Actor, receiver: HttpReceiver, django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        hook(actor, f"{receiver.url}&{number}")
    run()
    with django_assert_max_num_queries(8):
        assert run() == 0
