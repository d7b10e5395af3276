"""sharing.actions.webhooks: who may make, change, end and replay webhooks, and of what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import ALL_SCOPES, SHARE, Actor
from accounts.errors import LimitReached, NotAllowed, ReauthenticationRequired, ScopeMissing
from accounts.models import AuditEvent, Membership, User
from common.clock import now
from common.errors import CodedError
from files.access.rights import Role
from sharing.actions import webhooks as actions
from sharing.actions.webhooks import (
    Place,
    WebhookSettings,
    change_webhook,
    create_webhook,
    delete_webhook,
    renew_secret,
    replay,
    send_test,
)
from sharing.errors import Forbidden, InvalidRequest, NotFound
from sharing.models import Webhook, WebhookDelivery
from sharing.queries.webhooks import (
    my_webhooks,
    own_webhook,
    team_spaces_managed,
    webhook_in_charge,
    webhooks_of_space,
    webhooks_of_team,
)
from tests.sharing.hooked import hook, run, states
from tests.sharing.webhook_receiver import HttpReceiver
from tests.support.mounts import MountedSpace
from tests.support.people import actor_of
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
OFF = WebhookSettings(is_on=False)


def refused(error: type[CodedError], act: Callable[[], Any]) -> None:
    with pytest.raises(error):
        act()


def all_acts(actor: Actor, pk: int) -> dict[str, Callable[[], Any]]:
    return {
        "see": lambda: own_webhook(actor, webhook_id=pk),
        "change": lambda: change_webhook(actor, webhook_id=pk, settings=WebhookSettings(url="https://evil.example/")),
        "on": lambda: change_webhook(actor, webhook_id=pk, settings=WebhookSettings(is_on=True)),
        "secret": lambda: renew_secret(actor, webhook_id=pk),
        "test": lambda: send_test(actor, webhook_id=pk),
        "replay": lambda: replay(actor, webhook_id=pk, since=now()),
    }


def test_of_the_home(actor: Actor, stranger: User) -> None:
    made = hook(actor, description=" The \n wiki ", kinds=["edit", "add"])
    row = Webhook.objects.get()
    assert (row.space, row.team, row.description, row.kinds) == (home_of(row.user), None, "The wiki", ["add", "edit"])
    assert [one.pk for one in my_webhooks(actor)] == [made.webhook.pk]
    eve = actor_of(stranger)
    for act in all_acts(eve, row.pk).values():
        refused(NotFound, act)
    refused(NotFound, lambda: change_webhook(eve, webhook_id=row.pk, settings=OFF))
    refused(NotFound, lambda: delete_webhook(eve, webhook_id=row.pk))
    refused(NotFound, lambda: hook(eve, space_id=row.space_id))
    assert list(my_webhooks(eve)) == []
    refused(NotFound, lambda: own_webhook(actor, webhook_id=10**30))
    change_webhook(actor, webhook_id=row.pk, settings=WebhookSettings(description="x", kinds=[]))
    delete_webhook(actor, webhook_id=row.pk)
    assert not Webhook.objects.exists()
    kinds = list(
        AuditEvent.objects.filter(kind__startswith="webhook").order_by("at", "pk").values_list("kind", "target")
    )
    assert kinds == [(f"webhook.{kind}", "example.com") for kind in ("create", "change", "delete")]


def test_of_a_space_by_its_manager(spaced: MountedSpace) -> None:
    owner, editor = actor_of(spaced.owner), actor_of(spaced.editor)
    refused(Forbidden, lambda: hook(editor, space_id=spaced.space.pk))
    spaced.role(spaced.editor, Role.MANAGER)
    row = hook(editor, space_id=spaced.space.pk).webhook
    assert [one.pk for one in webhooks_of_space(owner, space_id=spaced.space.pk)] == [row.pk]
    assert [one.pk for one in team_spaces_managed(editor)] == [spaced.space.pk]
    assert team_spaces_managed(actor_of(spaced.viewer)) == []
    refused(Forbidden, lambda: webhooks_of_space(actor_of(spaced.viewer), space_id=spaced.space.pk))
    # Another manager sees that it is there, and ends it; what it gets is what its maker sees, and no one else's.
    for act in all_acts(owner, row.pk).values():
        refused(NotFound, act)
    assert webhook_in_charge(owner, webhook_id=row.pk) == row
    change_webhook(owner, webhook_id=row.pk, settings=OFF)
    spaced.role(spaced.editor, Role.VIEWER)
    for name, act in all_acts(editor, row.pk).items():
        if name != "see":
            refused(Forbidden, act)
    change_webhook(editor, webhook_id=row.pk, settings=OFF)
    delete_webhook(owner, webhook_id=row.pk)
    assert not Webhook.objects.exists()


def test_of_a_team_by_its_admins(spaced: MountedSpace) -> None:
    owner, editor = actor_of(spaced.owner), actor_of(spaced.editor)
    refused(NotAllowed, lambda: hook(editor, of_team=True))
    refused(NotAllowed, lambda: webhooks_of_team(editor))
    row = hook(owner, of_team=True).webhook
    assert (row.space, row.team_id) == (None, owner.team_id)
    refused(NotFound, lambda: webhook_in_charge(editor, webhook_id=row.pk))
    Membership.objects.filter(user=spaced.editor).update(role="admin")
    admin = actor_of(spaced.editor)
    assert [one.pk for one in webhooks_of_team(admin)] == [row.pk]
    change_webhook(admin, webhook_id=row.pk, settings=OFF)
    refused(NotFound, lambda: renew_secret(admin, webhook_id=row.pk))
    refused(ScopeMissing, lambda: own_webhook(actor_of(spaced.owner, scopes=frozenset({SHARE})), webhook_id=row.pk))
    delete_webhook(admin, webhook_id=row.pk)


def test_scopes_and_proof(actor: Actor) -> None:
    row = hook(actor).webhook
    less = Actor(**{**{name: getattr(actor, name) for name in Actor.__slots__}, "scopes": ALL_SCOPES - {SHARE}})
    refused(ScopeMissing, lambda: hook(less))
    refused(ScopeMissing, lambda: my_webhooks(less))
    for act in all_acts(less, row.pk).values():
        refused(ScopeMissing, act)
    unproved = Actor(**{**{name: getattr(actor, name) for name in Actor.__slots__}, "proved_recently": False})
    refused(ReauthenticationRequired, lambda: hook(unproved))
    for name in ("change", "secret"):
        refused(ReauthenticationRequired, all_acts(unproved, row.pk)[name])
    same = WebhookSettings(url=row.url, description="other")
    change_webhook(unproved, webhook_id=row.pk, settings=same)


def test_what_is_wrong(actor: Actor) -> None:
    row = hook(actor).webhook
    wrong = [
        *({"url": "https://127.0.0.1/"}, {"url": "x"}, {"kinds": ["fly"]}, {"description": "x" * 201}),
        {"description": "\0"},
    ]
    for fields in wrong:
        settings = WebhookSettings(**fields)  # type: ignore[arg-type]
        refused(InvalidRequest, lambda settings=settings: change_webhook(actor, webhook_id=row.pk, settings=settings))
    refused(InvalidRequest, lambda: create_webhook(actor, place=Place(), settings=WebhookSettings()))
    refused(InvalidRequest, lambda: replay(actor, webhook_id=row.pk))
    refused(NotFound, lambda: replay(actor, webhook_id=row.pk, delivery_id=10**30))


def test_there_are_only_so_many(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MAXIMUM_OF_PERSON", 2)
    monkeypatch.setattr(actions, "MAXIMUM_TESTS", 2)
    first = hook(actor).webhook
    hook(actor, of_team=True)
    refused(LimitReached, lambda: hook(actor))
    send_test(actor, webhook_id=first.pk), send_test(actor, webhook_id=first.pk)
    refused(LimitReached, lambda: send_test(actor, webhook_id=first.pk))
    monkeypatch.setattr(actions, "MAXIMUM_OF_PERSON", 20)
    monkeypatch.setattr(actions, "MAXIMUM_OF_PLACE", 1)
    refused(LimitReached, lambda: hook(actor))


def test_replay(actor: Actor, receiver: HttpReceiver) -> None:
    """Of one, and of all since a time: with the ids that they had, in their order."""
    row = hook(actor, receiver.url).webhook
    for name in "abc":
        put(actor, name)
        run()
    first, second, third = WebhookDelivery.objects.order_by("pk")
    other = hook(actor).webhook
    refused(NotFound, lambda: replay(actor, webhook_id=other.pk, delivery_id=first.pk))
    assert replay(actor, webhook_id=row.pk, delivery_id=second.pk) == 1
    assert replay(actor, webhook_id=row.pk, delivery_id=second.pk) == 0  # it waits already
    assert run() == 1
    assert (receiver.got[3].id, receiver.got[3].body) == (receiver.got[1].id, receiver.got[1].body)
    send_test(actor, webhook_id=row.pk)
    run()
    WebhookDelivery.objects.filter(pk=first.pk).update(created_at=now() - timedelta(hours=2))
    assert replay(actor, webhook_id=row.pk, since=now() - timedelta(hours=1)) == 2
    assert run() == 2
    assert [got.id for got in receiver.got[5:]] == [f"msg_{second.pk}", f"msg_{third.pk}"]
    assert set(states(row)) == {"delivered"}
    assert WebhookDelivery.objects.filter(replayed_at=None).count() == 2


def test_on_again_from_now(actor: Actor, receiver: HttpReceiver) -> None:
    row = hook(actor, receiver.url).webhook
    change_webhook(actor, webhook_id=row.pk, settings=OFF)
    put(actor, "meanwhile.txt")
    assert run() == 0
    change_webhook(actor, webhook_id=row.pk, settings=WebhookSettings(is_on=True, from_now=True))
    put(actor, "now.txt")
    run()
    assert [one["path"] for got in receiver.got for one in got.events] == ["/now.txt"]
