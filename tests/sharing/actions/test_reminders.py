"""sharing.actions.reminders: one's own, told once when they are due, to who still sees the node."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.actions.administer_account import delete_account
from accounts.actor import READ
from accounts.errors import ScopeMissing
from accounts.models import User
from common.clock import now
from common.errors import CodedError
from files.access.rights import Role
from files.actions.move import rename_node
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.errors import MountUnavailable
from files.queries.tree import locate_path
from sharing.actions import reminders as module
from sharing.actions.reminders import remove_reminder, set_reminder, tell_due
from sharing.actions.shares import end_share
from sharing.actions.waiting import forget_gone
from sharing.errors import InvalidRequest, NotFound, TooMany
from sharing.models import Notification, Reminder
from sharing.queries.notification_texts import text_of
from tests.sharing.team import Team
from tests.support.people import SYSTEM, actor_of
from tests.support.trees import put

SEA = "/Photos/sea.jpg"


def later(**span: float) -> datetime:
    return now() + timedelta(**(span or {"hours": 1}))


def remind(team: Team, person: User | None = None, path: str = SEA, **more: Any) -> Reminder:
    return set_reminder(actor_of(person or team.ada), **{"node_id": team.node(path).pk, "at": later(), **more})


def due() -> None:
    Reminder.objects.update(at=now() - timedelta(seconds=1))


def told(person: User) -> list[str]:
    return [text_of(row) for row in Notification.objects.filter(user=person, kind="reminder").order_by("pk")]


def refused(error: type[CodedError], act: Any) -> None:
    with pytest.raises(error):
        act()


def test_told_once_when_it_is_due(team: Team) -> None:
    remind(team), remind(team, note="sign  it"), remind(team, path="/")
    assert tell_due() == 0
    due()
    assert tell_due() == 3
    assert told(team.ada) == ["Reminder: “sea.jpg”", "Reminder: “sea.jpg”: sign it", f"Reminder: “{team.home.name}”"]
    assert told(team.bob) == []
    assert tell_due() == 0
    assert not Reminder.objects.exists()


def test_who_does_not_see_it_any_more_is_told_nothing(team: Team) -> None:
    share = team.share(team.bob, Role.VIEWER)
    mount = locate_path(actor_of(team.bob), "/Photos").node.pk
    remind(team, team.bob), remind(team, team.bob, node_id=mount)
    assert Reminder.objects.filter(node_id=team.node().pk).exists()
    remind(team)
    end_share(team.actor, share_id=share.id)
    trash_nodes(team.actor, node_ids=[team.node(SEA).pk])
    due()
    assert tell_due() == 3
    assert not Notification.objects.filter(kind="reminder").exists()
    remind(team, path="/")
    User.objects.filter(pk=team.ada.pk).update(is_active=False)
    due()
    assert tell_due() == 1
    assert told(team.ada) == []


def test_a_mount_has_the_name_that_its_owner_gave_it(team: Team) -> None:
    team.share(team.bob, Role.VIEWER)
    bob = actor_of(team.bob)
    mount = locate_path(bob, "/Photos").node.pk
    remind(team, team.bob, node_id=mount)
    rename_node(bob, node_id=mount, name="Of Ada")
    due()
    tell_due()
    assert told(team.bob) == ["Reminder: “Of Ada”"]
    assert Notification.objects.get(kind="reminder").node_id == team.node().pk


def test_a_closed_folder_is_not_told_of(team: Team) -> None:
    space = create_team_space(team.actor, name="Plans").pk
    closed = put(team.actor, "closed/b", space_id=space).node
    remind(team, team.bob, node_id=closed.pk)
    restrict(team.actor, node_id=closed.parent_id or 0)
    due()
    assert tell_due() == 1
    assert told(team.bob) == []


def test_it_waits_while_nobody_knows_what_they_see(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    remind(team), remind(team, team.ada, path="/")
    due()

    def unavailable(actor: Any, node_ids: Any) -> Any:
        raise MountUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(module, "places_of", unavailable)
        assert tell_due() == 2
    assert told(team.ada) == []
    assert Reminder.objects.filter(at__gt=now()).count() == 2
    due()
    tell_due()
    assert len(told(team.ada)) == 2


def test_what_it_refuses(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in (now(), later(days=-1), later(days=6 * 366)):
        refused(InvalidRequest, lambda at=at: remind(team, at=at))
    for note in ("x" * 201, "a\0b", "a\x1bb"):
        refused(InvalidRequest, lambda note=note: remind(team, note=note))
    refused(NotFound, lambda: remind(team, team.bob))
    team.share(team.bob, Role.UPLOADER)
    refused(NotFound, lambda: remind(team, team.bob, path="/Photos"))
    node_id = team.node(SEA).pk
    reader = replace(team.actor, scopes=frozenset({READ}))
    refused(ScopeMissing, lambda: set_reminder(reader, node_id=node_id, at=later()))
    visitor = replace(SYSTEM, scopes=team.actor.scopes)
    refused(NotFound, lambda: set_reminder(visitor, node_id=node_id, at=later()))
    monkeypatch.setattr(module, "MAXIMUM_OF_PERSON", 1)
    remind(team)
    refused(TooMany, lambda: remind(team))


def test_only_ones_own_is_taken_back(team: Team) -> None:
    mine = remind(team)
    team.share(team.bob, Role.MANAGER)
    for pk in (mine.pk, 0, 2**63):
        refused(NotFound, lambda pk=pk: remove_reminder(actor_of(team.bob), reminder_id=pk))
    remove_reminder(team.actor, reminder_id=mine.pk)
    assert not Reminder.objects.exists()


def test_a_run_is_bounded_and_the_next_one_goes_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(module, "STEPS", 2)
    for _ in range(5):
        remind(team)
    due()
    assert [tell_due(), tell_due()] == [4, 1]
    assert len(told(team.ada)) == 5


def test_they_go_with_the_node_and_the_account(team: Team) -> None:
    team.share(team.bob)
    remind(team), remind(team, team.bob)
    kept = remind(team, path="/")
    delete_account(SYSTEM, user_id=team.bob.pk)
    assert not Reminder.objects.filter(user=team.bob).exists()
    trash_nodes(team.actor, node_ids=[team.node().pk])
    empty_trash(team.actor, space_id=team.home.pk)
    remove_purged_rows()
    assert Reminder.objects.get() == kept
    Reminder.objects.create(user=team.ada, node_id=10**9, at=later())
    assert forget_gone() == 2  # and what was beside the grant
