"""sharing.actions.comments: who may write about what, whom that is told to, and where comments go."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from accounts.actions.administer_account import delete_account
from accounts.actor import READ
from accounts.errors import ScopeMissing
from accounts.models import AuditEvent, User
from common.errors import CodedError
from files import errors
from files.access.rights import Role
from files.actions.copy import copy_node
from files.actions.grants import change_space
from files.actions.mounts import reconcile_all
from files.actions.move import move_nodes, rename_node
from files.actions.restrictions import restrict
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.models import Grant
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from sharing.actions import audit_follower
from sharing.actions import comments as module
from sharing.actions.audit_follower import follow_audit
from sharing.actions.comments import add_comment, delete_comment, edit_comment
from sharing.actions.shares import change_share, end_share
from sharing.actions.transfers import accept_transfer, offer_transfer
from sharing.actions.waiting import forget_gone
from sharing.errors import Forbidden, InvalidRequest, NotFound
from sharing.models import Comment, Mention, Notification
from sharing.queries.activity import node_activity
from sharing.queries.comments import comments_of, may_delete
from tests.files.actions.conftest import _books_are_right  # noqa: F401  (fsck after each test)
from tests.sharing.team import Team
from tests.support.people import SYSTEM, actor_of, make_user
from tests.support.trees import put

SEA = "/Photos/sea.jpg"


def add(team: Team, person: User | None = None, text: str = "Nice", path: str = SEA) -> Comment:
    return add_comment(actor_of(person or team.ada), node_id=team.node(path).pk, text=text)


def texts(team: Team, path: str = SEA, person: User | None = None) -> list[str]:
    actor = actor_of(person or team.ada)
    return [row.text for row in comments_of(actor, node_id=team.node(path).pk).items]


def told(person: User) -> list[str]:
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


def refused(error: type[CodedError], act: Any) -> None:
    with pytest.raises(error):
        act()


def test_the_role_decides_who_writes(team: Team) -> None:
    comment = add(team)
    refused(NotFound, lambda: add(team, team.bob))
    refused(NotFound, lambda: texts(team, person=team.bob))
    refused(NotFound, lambda: edit_comment(actor_of(team.bob), comment_id=comment.pk, text="x"))
    refused(NotFound, lambda: delete_comment(actor_of(team.bob), comment_id=comment.pk))
    team.share(team.bob, Role.VIEWER)
    assert texts(team, person=team.bob) == ["Nice"]
    refused(Forbidden, lambda: add(team, team.bob))
    team.share(team.carl, Role.COMMENTER)
    add(team, team.carl, "Yes")
    assert texts(team, person=team.bob) == ["Yes", "Nice"]
    reader = replace(team.actor, scopes=frozenset({READ}))
    refused(ScopeMissing, lambda: add_comment(reader, node_id=team.node(SEA).pk, text="x"))


def test_an_uploader_sees_none(team: Team) -> None:
    add(team)
    team.share(team.bob, Role.UPLOADER)
    refused(NotFound, lambda: texts(team, person=team.bob))
    refused(NotFound, lambda: add(team, team.bob))


def test_authors_edit_and_managers_delete(team: Team) -> None:
    share = team.share(team.bob, Role.COMMENTER)
    team.share(team.carl, Role.EDITOR)
    comment = add(team, team.bob, "  Nice\r\nday ")
    assert (comment.text, comment.edited_at) == ("Nice\nday", None)
    bob, carl = actor_of(team.bob), actor_of(team.carl)
    for actor in (carl, team.actor):
        refused(Forbidden, partial(edit_comment, actor, comment_id=comment.pk, text="x"))
    refused(Forbidden, lambda: delete_comment(carl, comment_id=comment.pk))
    assert edit_comment(bob, comment_id=comment.pk, text="Better").edited_at is not None
    change_share(team.actor, share_id=share.id, role=Role.VIEWER)
    refused(Forbidden, lambda: edit_comment(bob, comment_id=comment.pk, text="x"))
    own = Comment.objects.create(node_id=comment.node_id, author=team.bob, text="own")
    delete_comment(bob, comment_id=own.pk)  # what they have written they may take away
    delete_comment(team.actor, comment_id=comment.pk)
    assert not Comment.objects.exists()
    refused(NotFound, lambda: delete_comment(team.actor, comment_id=comment.pk))
    kinds = AuditEvent.objects.filter(kind__startswith="comment.").order_by("pk")
    did = [event.kind.removeprefix("comment.") for event in kinds]
    assert did == ["create", "edit", "delete", "delete"]
    assert kinds[3].detail == {"node": comment.node_id, "comment": comment.pk, "author": team.bob.pk}
    assert not any("Nice" in str(event.detail) for event in kinds)


@pytest.mark.parametrize("text", ["", " \n ", "a\0b", "a\x1bb", "half \ud83d", "x" * 4_001])
def test_what_is_no_text(team: Team, text: str) -> None:
    refused(InvalidRequest, lambda: add(team, text=text))
    comment = add(team, text="x" * 4_000)
    refused(InvalidRequest, lambda: edit_comment(team.actor, comment_id=comment.pk, text=text))


def test_bounds(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_ON_NODE", 2)
    add(team), add(team)
    refused(errors.TooMany, lambda: add(team))
    monkeypatch.setattr(module, "MAXIMUM_OF_AUTHOR", 3)
    add(team, path="/Photos")
    refused(errors.TooMany, lambda: add(team, path="/Photos"))
    many = " ".join(f"@p{number}@example.com" for number in range(21))
    refused(errors.TooMany, lambda: edit_comment(team.actor, comment_id=Comment.objects.all()[0].pk, text=many))


def test_whom_a_mention_tells(team: Team) -> None:
    """Not who cannot see it; and the writer cannot tell from what is kept who can."""
    stranger = make_user("else@example.com")
    team.share(team.bob, Role.COMMENTER)
    text = "@bob@example.com @carl@example.com @else@example.com @nobody@example.com"
    comment = add(team, text=text)
    people = [team.bob.pk, team.carl.pk]
    assert comment.text == f"@user:{people[0]} @user:{people[1]} @else@example.com @nobody@example.com"
    assert list(comment.mentions.order_by("user_id").values_list("user_id", flat=True)) == people
    assert (told(team.bob), told(team.carl), told(stranger)) == (["mention"], [], [])
    by_id = add(team, text=f"@user:{stranger.pk} @user:{team.bob.pk} @user:{team.ada.pk} @user:0")
    assert set(by_id.mentions.values_list("user_id", flat=True)) == {team.bob.pk, team.ada.pk}
    assert (told(team.bob), told(team.ada), told(stranger)) == (["mention"] * 2, [], [])


def test_an_edit_tells_whom_it_adds_once(team: Team) -> None:
    for person in (team.bob, team.carl):
        team.share(person)
    comment = add(team, text="@bob@example.com")
    for text in ("@bob@example.com @carl@example.com", "@carl@example.com", "@bob@example.com"):
        edit_comment(team.actor, comment_id=comment.pk, text=text)
    assert (told(team.bob), told(team.carl)) == (["mention"], ["mention"])
    assert list(Mention.objects.values_list("user_id", flat=True)) == [team.bob.pk]


def test_who_takes_part_is_told_while_they_see_it(team: Team) -> None:
    share = team.share(team.bob, Role.COMMENTER)
    team.share(team.carl, Role.COMMENTER)
    add(team, team.bob, "first")
    assert (told(team.ada), told(team.carl)) == (["comment"], [])
    add(team, team.carl, "second, @ada@example.com")
    assert (told(team.ada), told(team.bob), told(team.carl)) == (["comment", "mention"], ["comment"], [])
    end_share(team.actor, share_id=share.id)
    add(team, team.carl, "third")
    assert (told(team.ada), told(team.bob)) == (["comment", "mention", "comment"], ["comment"])


def test_they_follow_their_node(team: Team) -> None:
    add(team)
    node_id = team.node(SEA).pk
    rename_node(team.actor, node_id=node_id, name="ocean.jpg")
    folder = put(team.actor, "Other/x").node.parent_id or 0
    move_nodes(team.actor, node_ids=[node_id], parent_id=folder)
    assert texts(team, "/Other/ocean.jpg") == ["Nice"]
    copy_node(team.actor, node_id=node_id, target=Target("copy.jpg"))
    assert texts(team, "/copy.jpg") == []
    (item,) = trash_nodes(team.actor, node_ids=[node_id])
    refused(NotFound, lambda: add_comment(team.actor, node_id=node_id, text="x"))
    refused(NotFound, lambda: comments_of(team.actor, node_id=node_id))
    restore_items(team.actor, item_ids=[item.pk])
    assert texts(team, "/Other/ocean.jpg") == ["Nice"]
    offer = offer_transfer(team.actor, node_id=node_id, to_user_id=team.bob.pk)
    accept_transfer(actor_of(team.bob), transfer_id=offer.pk)
    reconcile_all()
    found = comments_of(actor_of(team.bob), node_id=node_id).items
    assert [(row.text, row.author_id) for row in found] == [("Nice", team.ada.pk)]
    refused(NotFound, lambda: comments_of(team.actor, node_id=node_id))


def test_a_purge_takes_them(team: Team) -> None:
    add(team, text="@bob@example.com"), add(team, path="/Photos")
    kept = add(team, path="/")
    trash_nodes(team.actor, node_ids=[team.node().pk])
    empty_trash(team.actor, space_id=team.home.pk)
    remove_purged_rows()
    assert list(Comment.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not Mention.objects.exists()
    Comment.objects.create(node_id=10**9, author=team.ada, text="left by the release before")
    assert forget_gone() == 1
    assert Comment.objects.get() == kept


def test_a_deleted_account_leaves_its_words_without_a_name(team: Team) -> None:
    team.share(team.bob, Role.COMMENTER)
    comment = add(team, team.bob)
    add(team, text="@bob@example.com")
    delete_account(SYSTEM, user_id=team.bob.pk)
    comment.refresh_from_db()
    assert (comment.text, comment.author_id) == ("Nice", None)
    assert not Mention.objects.exists()


def test_where_somebody_has_only_a_part(team: Team) -> None:
    """What lies in a restricted folder of a space, and what is mounted, by the id of the mount too."""
    space = create_team_space(team.actor, name="Plans").pk
    put(team.actor, "closed/b", space_id=space)
    closed = locate_path(team.actor, "/closed", space_id=space).node.pk
    inside = locate_path(team.actor, "/closed/b", space_id=space).node.pk
    comment = add_comment(team.actor, node_id=inside, text="secret @bob@example.com")
    restrict(team.actor, node_id=closed)
    bob = actor_of(team.bob)
    for node_id in (closed, inside):
        refused(NotFound, partial(comments_of, bob, node_id=node_id))
        refused(NotFound, partial(add_comment, bob, node_id=node_id, text="x"))
    refused(NotFound, lambda: edit_comment(bob, comment_id=comment.pk, text="x"))
    team.share(team.bob, Role.COMMENTER)
    mount = locate_path(bob, "/Photos").node.pk
    assert mount != team.node().pk
    add_comment(bob, node_id=mount, text="by the mount")
    assert texts(team, "/Photos") == ["by the mount"]
    refused(NotFound, lambda: comments_of(team.actor, node_id=mount))


def test_an_archived_space_is_there_to_be_read(team: Team) -> None:
    space = create_team_space(team.actor, name="Plans").pk
    node_id = put(team.actor, "a", space_id=space).node.pk
    comment = add_comment(actor_of(team.bob), node_id=node_id, text="x")
    change_space(team.actor, space_id=space, is_archived=True)
    bob = actor_of(team.bob)
    assert len(comments_of(bob, node_id=node_id).items) == 1
    for act in (
        lambda: add_comment(bob, node_id=node_id, text="y"),
        lambda: edit_comment(bob, comment_id=comment.pk, text="y"),
        lambda: delete_comment(bob, comment_id=comment.pk),
    ):
        refused(errors.SpaceArchived, act)


def test_in_an_archived_space_they_stay_whatever_their_author_may_do_by_now(team: Team) -> None:
    space = create_team_space(team.actor, name="Plans")
    node_id = put(team.actor, "a", space_id=space.pk).node.pk
    comment = add_comment(actor_of(team.bob), node_id=node_id, text="x")
    change_space(team.actor, space_id=space.pk, is_open=False, is_archived=True)
    Grant.objects.create(node_id=space.root_id, space=space, user=team.bob, role="viewer")
    bob = actor_of(team.bob)
    refused(errors.SpaceArchived, lambda: delete_comment(bob, comment_id=comment.pk))
    (shown,) = comments_of(bob, node_id=node_id).items
    assert not may_delete(bob, shown, locate(bob, node_id))


def test_activity_tells_of_it_to_all_who_see_the_node(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_follower, "DELAY", timedelta(0))
    team.share(team.bob)
    add(team), add(team)
    follow_audit()
    bob = actor_of(team.bob)
    for actor in (team.actor, bob):
        place = locate_path(actor, SEA)
        kinds = [group.kind for group in node_activity(actor, place).groups]
        assert kinds[0] == "comment"
