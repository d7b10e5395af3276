"""The brake on mass change: what counts, what it costs, whom it holds, and when it is strict."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.actor import Actor, system
from accounts.models import AuditEvent, OutgoingMail
from common.clock import now
from files import errors
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.move import move_node, rename_node
from files.actions.rewind import rewind
from files.actions.trash import purge_items, restore_items, trash_nodes
from files.actions.versions import delete_versions, restore_version
from files.models import Brake, BrakeCounter, BrakePolicy, BrakeState, Space, TrashItem
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.brake import LOOK_FROM, SUSPICIOUS, Bounds
from tests.support.mails import sent_mails
from tests.support.people import actor_of, make_member, make_token, make_user
from tests.support.trees import home_of, journal_of, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pool")]


@pytest.fixture
def strict(settings: Settings) -> None:
    """Few files are enough."""
    settings.BRAKE_FLOOR, settings.BRAKE_MOST, settings.BRAKE_SHARE, settings.BRAKE_STRICT = 25, 60, 50, 22


def counter(actor: Actor) -> BrakeCounter:
    return BrakeCounter.objects.get(client=actor.credential)


def files(actor: Actor, count: int, folder: str = "d") -> list[int]:
    """Ids of new ones."""
    return [put(actor, f"{folder}/{number:03}.txt", b"text").node.pk for number in range(count)]


def until_held(act: Callable[[int], object]) -> int:
    """How many of 40 acts are done."""
    for number in range(40):
        try:
            act(number)
        except errors.ChangesHeld:
            return number
    return 40


def test_the_bounds() -> None:
    bounds = Bounds(True, floor=300, most=2_000, share=30, strict=40)
    assert [bounds.bound(base, 0) for base in (0, 500, 1_000, 5_000, 100_000)] == [300, 300, 300, 1_500, 2_000]
    assert bounds.bound(5_000, SUSPICIOUS - 1) == 1_500
    assert bounds.bound(5_000, SUSPICIOUS) == 40


def test_a_credential_is_what_was_shown() -> None:
    user = make_user()
    token, _ = make_token(user)
    of_token, of_session = actor_of(user, token_id=token.pk), actor_of(user, session_key="a" * 32)
    names = [actor.credential for actor in (of_token, of_session, actor_of(user), Actor(), system("x"))]
    assert names[0] == f"token:{token.pk}"
    assert names[1].startswith("session:")
    assert "a" * 32 not in names[1]
    assert names[2:] == [f"password:{user.pk}", "", ""]
    assert actor_of(user, session_key="b" * 32).credential != names[1]
    assert max(map(len, names)) <= 60


def test_new_files_cost_nothing_and_others_one_statement(actor: Actor) -> None:
    def statements(act: Any) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            act()
        return [
            query["sql"] for query in captured if "files_brakecounter" in query["sql"] or "brakepolicy" in query["sql"]
        ]

    assert statements(lambda: put(actor, "a.txt", b"1")) == []
    assert statements(lambda: create_folder(actor, target=Target("folder"))) == []
    assert (
        statements(lambda: copy_node(actor, node_id=locate_path(actor, "a.txt").node.pk, target=Target("b.txt"))) == []
    )
    assert not BrakeCounter.objects.exists()
    assert len(statements(lambda: put(actor, "a.txt", b"2"))) == 1
    assert len(statements(lambda: rename_node(actor, node_id=locate_path(actor, "a.txt").node.pk, name="c.txt"))) == 1
    assert len(statements(lambda: trash_nodes(actor, node_ids=[locate_path(actor, "c.txt").node.pk]))) == 1
    BrakeCounter.objects.update(changes=LOOK_FROM)
    assert len(statements(lambda: put(actor, "b.txt", b"3"))) == 2  # and the bounds of the team


def test_what_counts(actor: Actor) -> None:
    ids = files(actor, 3)
    folder = locate_path(actor, "d").node.pk

    def counted(act: Any) -> int:
        before = BrakeCounter.objects.values_list("changes", flat=True).first() or 0
        act()
        return counter(actor).changes - before

    assert counted(lambda: put(actor, "d/000.txt", b"other")) == 1
    assert counted(lambda: rename_node(actor, node_id=folder, name="e")) == 1
    assert counted(lambda: move_node(actor, node_id=folder, target=Target("f"))) == 1
    assert counted(lambda: trash_nodes(actor, node_ids=[ids[0], ids[1]])) == 2
    items = list(TrashItem.objects.order_by("pk"))
    assert counted(lambda: restore_items(actor, item_ids=[items[0].pk])) == 0
    assert counted(lambda: purge_items(actor, item_ids=[items[1].pk])) == 1
    old = put(actor, "f/000.txt", b"third").version.pk
    restored = restore_version(actor, node_id=ids[0], version_id=old)
    assert counted(lambda: put(actor, "f/000.txt", b"fourth")) == 1
    assert counted(lambda: delete_versions(actor, node_id=ids[0], version_ids=[restored.version.pk])) == 1
    assert counted(lambda: trash_nodes(actor, node_ids=[folder])) == 3


def test_what_takes_something_back_is_not_counted(actor: Actor) -> None:
    ids, root = files(actor, 2), locate_path(actor, "/").node.pk
    first = put(actor, "a.txt", b"1")
    put(actor, "a.txt", b"2")
    before = counter(actor).changes
    restore_version(actor, node_id=first.node.pk, version_id=first.version.pk)
    rewind(actor, node_id=root, seq=home_of(actor_user(actor)).seq - 1)
    assert counter(actor).changes == before
    trash_nodes(system("tests"), node_ids=ids)
    assert BrakeCounter.objects.count() == 1


def actor_user(actor: Actor) -> Any:
    return Space.objects.select_related("owner").get(owner_id=actor.user_id).owner


def test_old_trash_is_purged_freely(actor: Actor, settings: Settings) -> None:
    (node_id,) = files(actor, 1)
    trash_nodes(actor, node_ids=[node_id])
    TrashItem.objects.update(deleted_at=now() - settings.BRAKE_WINDOW)
    before = counter(actor).changes
    purge_items(actor, item_ids=[TrashItem.objects.get().pk])
    assert counter(actor).changes == before


@pytest.mark.usefixtures("strict")
def test_the_act_that_goes_too_far_is_taken_back_and_its_client_held(actor: Actor, settings: Settings) -> None:
    settings.MAIL_IS_SENT = True
    ids = files(actor, 30)
    for node_id in ids[:25]:
        trash_nodes(actor, node_ids=[node_id])
    journal = journal_of(actor)
    with pytest.raises(errors.ChangesHeld) as caught:
        trash_nodes(actor, node_ids=ids[25:])
    brake = Brake.objects.get()
    assert caught.value.detail == {"brake": str(brake.pk)}
    assert (brake.changes, brake.bound, brake.state, brake.released_at) == (30, 25, BrakeState.HELD, None)
    assert (brake.user_id, brake.client, brake.client_name) == (actor.user_id, actor.credential, "tests")
    assert AuditEvent.objects.filter(kind="brake.hold", target=brake.space.name).count() == 1
    assert OutgoingMail.objects.count() == 1
    for act in (
        lambda: put(actor, "new.txt"),
        lambda: create_folder(actor, target=Target("new")),
        lambda: rename_node(actor, node_id=ids[29], name="x"),
        lambda: restore_items(actor, item_ids=[TrashItem.objects.order_by("pk")[0].pk]),
    ):
        with pytest.raises(errors.ChangesHeld) as caught:
            act()
        assert caught.value.detail == {"brake": str(brake.pk)}
    assert journal_of(actor) == journal
    assert Brake.objects.count() == 1
    other = actor_of(actor_user(actor), session_key=None, token_id=make_token(actor_user(actor))[0].pk)
    put(other, "new.txt")  # another client of the same person


@pytest.mark.usefixtures("strict")
def test_one_act_on_a_folder_counts_what_is_below(actor: Actor) -> None:
    files(actor, 30)
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(actor, node_ids=[locate_path(actor, "d").node.pk])
    assert locate_path(actor, "d/000.txt").node.size == 4


@pytest.mark.usefixtures("strict")
def test_one_file_that_is_saved_again_and_again_is_one(actor: Actor) -> None:
    files(actor, 30)
    for number in range(70):
        put(actor, "d/000.txt", b"%d" % number)
    assert (counter(actor).changes, counter(actor).repeats > 0) == (70, True)
    for number in range(1, 25):
        put(actor, f"d/{number:03}.txt", b"other")
    with pytest.raises(errors.ChangesHeld):
        put(actor, "d/025.txt", b"other")


@pytest.mark.usefixtures("strict")
def test_the_share_of_a_space(actor: Actor) -> None:
    ids = files(actor, 79)  # and a folder: 40 of them are half
    trash_nodes(actor, node_ids=ids[:40])
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(actor, node_ids=ids[40:41])


@pytest.mark.usefixtures("strict")
def test_the_count_begins_anew_after_a_while(actor: Actor, settings: Settings) -> None:
    ids = files(actor, 50)
    trash_nodes(actor, node_ids=ids[:25])
    BrakeCounter.objects.update(began_at=now() - settings.BRAKE_WINDOW * 1.01)
    trash_nodes(actor, node_ids=ids[25:50])
    assert counter(actor).changes == 25


@pytest.mark.usefixtures("strict")
def test_a_team_may_switch_it_off_or_be_stricter(actor: Actor) -> None:
    ids = files(actor, 60)
    policy = BrakePolicy.objects.create(team_id=actor.team_id or 0, is_on=False)
    trash_nodes(actor, node_ids=ids[:30])
    policy.is_on, policy.floor, policy.share = True, 32, 1
    policy.save()
    trash_nodes(actor, node_ids=ids[30:32])
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(actor, node_ids=ids[32:33])


def test_off_for_the_whole_installation(actor: Actor, settings: Settings) -> None:
    settings.BRAKE, settings.BRAKE_FLOOR, settings.BRAKE_SHARE = False, 20, 1
    trash_nodes(actor, node_ids=files(actor, 30))


@pytest.mark.usefixtures("strict")
def test_noise_over_texts_is_held_early(actor: Actor, settings: Settings) -> None:
    settings.BRAKE_FLOOR = 60
    files(actor, 40)
    done = until_held(lambda number: put(actor, f"d/{number:03}.txt", os.urandom(900)))
    brake = Brake.objects.get()
    assert (done, brake.bound, brake.suspicious) == (22, 22, 23)


@pytest.mark.usefixtures("strict")
def test_noise_over_noise_is_nothing_new(actor: Actor) -> None:
    for number in range(24):
        put(actor, f"d/{number:03}.kdbx", os.urandom(900))
    for number in range(24):
        put(actor, f"d/{number:03}.kdbx", os.urandom(900))
    assert (counter(actor).changes, counter(actor).suspicious) == (24, 0)


@pytest.mark.usefixtures("strict")
def test_extensions_that_nobody_knows(actor: Actor) -> None:
    ids = files(actor, 40)
    assert until_held(lambda at: rename_node(actor, node_id=ids[at], name=f"{at:03}.txt.k8x3q")) == 22


@pytest.mark.usefixtures("strict")
def test_copies_beside_and_originals_gone(actor: Actor) -> None:
    """What a sync client shows of files that were encrypted and renamed at once."""
    ids = files(actor, 40)

    def encrypt(at: int) -> None:
        put(actor, f"d/{at:03}.txt.locked", os.urandom(900))
        trash_nodes(actor, node_ids=[ids[at]])

    assert until_held(encrypt) == 11


@pytest.mark.usefixtures("strict")
def test_a_ransom_note_makes_it_strict_at_once(actor: Actor, settings: Settings) -> None:
    settings.BRAKE_FLOOR = 60
    ids = files(actor, 40)
    put(actor, "d/HOW_TO_DECRYPT_FILES.txt", b"pay")
    trash_nodes(actor, node_ids=ids[:12])
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(actor, node_ids=ids[12:13])


@pytest.mark.usefixtures("strict")
def test_who_is_told(settings: Settings) -> None:
    settings.MAIL_IS_SENT = True
    owner = make_user()
    member, admin = make_member(owner), make_member(owner, role="admin")
    actor = actor_of(member)
    ids = files(actor, 30)
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(actor, node_ids=ids)
    told = [message for message in sent_mails() if "very many changes" in message.subject]
    assert sorted(message.to[0] for message in told) == sorted([owner.email, member.email, admin.email])
    assert f"/held/{Brake.objects.get().pk}/" in told[0].body
    assert f"({member.email})" in told[0].body
