"""sharing.queries.webhook_sources: a home's webhook tells of what is mounted there, as its person sees it when it is
sent.
"""

from typing import Any

import pytest

from accounts.actor import Actor
from files.access.rights import Role
from files.actions.create_folder import create_folder
from files.actions.grants import remove_grant
from files.actions.mounts import reconcile_all
from files.actions.move import move_node
from files.actions.restrictions import restrict
from files.actions.trash import trash_nodes
from files.models import Grant
from files.queries.target import Target
from sharing.models import Webhook, WebhookDelivery, WebhookPosition
from sharing.queries.webhook_sources import unmet_mounts
from tests.sharing.hooked import hook, run, states
from tests.sharing.team import Team
from tests.sharing.webhook_receiver import HttpReceiver
from tests.support.mounts import MountedSpace, mount_of
from tests.support.people import actor_of
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def told(receiver: HttpReceiver) -> list[tuple[str, str]]:
    found = [(one["kind"], one["path"]) for got in receiver.got for one in got.events]
    receiver.got.clear()
    return found


def move_mount(actor: Actor, spaced: MountedSpace) -> None:
    """Into a folder, and under another name: the home is its owner's."""
    create_folder(actor, target=Target("Work"))
    move_node(actor, node_id=mount_of(spaced.viewer, spaced.space).pk, target=Target("Work/Ideas"))


def test_a_space_that_is_mounted(spaced: MountedSpace, receiver: HttpReceiver) -> None:
    """By the paths of the home. What is in a restricted folder is told to nobody else, and nothing when it is over."""
    owner, viewer = actor_of(spaced.owner), actor_of(spaced.viewer)
    put(owner, "before.txt", space_id=spaced.space.pk)
    row = hook(viewer, receiver.url).webhook
    node = put(owner, "notes/new.txt", space_id=spaced.space.pk).node
    run()
    (event,) = receiver.got[0].events
    mount = mount_of(spaced.viewer, spaced.space)
    assert (event["path"], event["space_id"], event["mount_id"]) == (
        "/Plans/notes/new.txt",
        str(spaced.space.pk),
        str(mount.pk),
    )
    move_mount(viewer, spaced)
    run()
    receiver.got.clear()
    put(owner, "Secret/plan.txt", space_id=spaced.space.pk)
    restrict(owner, node_id=spaced.place("Secret").node.pk)
    trash_nodes(owner, node_ids=[node.pk])
    run()
    assert told(receiver) == [("delete", "/Work/Ideas/notes/new.txt")]
    spaced.end(spaced.viewer)
    put(owner, "after.txt", space_id=spaced.space.pk)
    run()
    assert [path for _kind, path in told(receiver) if "after" in path] == []
    assert not WebhookPosition.objects.filter(webhook=row, space=spaced.space).exists()
    spaced.role(spaced.viewer, Role.VIEWER)
    run()
    put(owner, "again.txt", space_id=spaced.space.pk)
    run()
    assert [path.rpartition("/")[2] for _kind, path in told(receiver)][-1:] == ["again.txt"]


def test_one_that_the_owner_has_taken_out_of_their_home(spaced: MountedSpace, receiver: HttpReceiver) -> None:
    viewer = actor_of(spaced.viewer)
    hook(viewer, receiver.url)
    trash_nodes(viewer, node_ids=[mount_of(spaced.viewer, spaced.space).pk])
    put(actor_of(spaced.owner), "later.txt", space_id=spaced.space.pk)
    run()
    assert told(receiver) == [("unmount", "/Plans")]


def test_a_folder_and_a_file_that_are_shared(team: Team, receiver: HttpReceiver) -> None:
    """Nothing of what lies beside them in the other home, and no place but that of the mount."""
    team.share(team.bob, path="/Photos/2026")
    team.share(team.bob, path="/Photos/sea.jpg")
    row = hook(actor_of(team.bob), receiver.url).webhook
    put(team.actor, "Photos/2026/june.jpg", b"x")
    put(team.actor, "Photos/sea.jpg", b"another")
    put(team.actor, "Photos/private.jpg", b"x")
    put(team.actor, "Diary/secret.txt", b"x")
    run()
    bodies = b"".join(got.body for got in receiver.got)
    assert [name for name in (b"private", b"Diary", b"secret", b"Photos") if name in bodies] == []
    assert sorted(told(receiver)) == [("add", "/2026/june.jpg"), ("edit", "/sea.jpg")]
    put(team.actor, "Photos/private.jpg", b"y")
    assert run() == 0
    assert states(row) == ["delivered"]  # what they do not see does not fill the log


def test_what_two_mounts_show_is_told_once(team: Team, receiver: HttpReceiver) -> None:
    team.share(team.bob, path="/Photos")
    team.share(team.bob, path="/Photos/2026")
    hook(actor_of(team.bob), receiver.url)
    put(team.actor, "Photos/2026/june.jpg", b"x")
    run()
    assert len(told(receiver)) == 1


def test_rights_of_now_and_mounts_of_later(team: Team, receiver: HttpReceiver) -> None:
    """What waits is told by the rights that somebody has when it is sent; what was mounted later from then on."""
    bob = actor_of(team.bob)
    hook(bob, receiver.url)
    put(team.actor, "Photos/before.jpg", b"x")
    team.share(team.bob)
    run()
    assert told(receiver) == [("mount", "/Photos")]
    put(team.actor, "Photos/one.jpg", b"x")
    receiver.says(500)
    run()
    receiver.got.clear()
    remove_grant(team.actor, grant_id=Grant.objects.get(user=team.bob).pk)
    reconcile_all()
    receiver.answer = None
    Webhook.objects.update(due_at=None)
    run()
    assert told(receiver) == [("unmount", "/Photos")]


def test_what_is_off_and_what_is_not_of_a_home_meets_nothing(
    spaced: MountedSpace, django_assert_num_queries: Any
) -> None:
    owner, viewer = actor_of(spaced.owner), actor_of(spaced.viewer)
    hook(owner, space_id=spaced.space.pk)
    row = hook(viewer, is_on=False).webhook
    WebhookPosition.objects.filter(webhook=row).exclude(space_id=row.space_id).delete()
    with django_assert_num_queries(1):
        assert unmet_mounts() == []
    Webhook.objects.update(is_on=True)
    assert [(one.webhook_id, one.space_id) for one in unmet_mounts()] == [(row.pk, spaced.space.pk)]
    assert unmet_mounts(row.pk + 1) == []
    assert not WebhookDelivery.objects.exists()
