"""sharing.actions.shares: making, changing and ending shares, and what they do in the homes of others."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import READ, WRITE
from accounts.errors import InvalidEmail, MailUnavailable, ReauthenticationRequired, ScopeMissing, TeamFull
from accounts.models import AuditEvent, Invitation, User
from common.clock import now
from common.errors import CodedError
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Given, Subject
from files.actions.mounts import reconcile_all
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import Grant, Mount, Node
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from sharing.actions.shares import change_share, end_share, share
from sharing.errors import AlreadyShared, NotInTeam
from sharing.models import MAXIMUM_MESSAGE, Share, WaitingShare
from sharing.queries.shares import share_of, shares_on
from tests.sharing.team import Team, subject
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import bytes_at, put


def refused(error: type[CodedError], act: Any) -> CodedError:
    with pytest.raises(error) as caught:
        act()
    return caught.value


def give(team: Team, by: User, to: Any, role: Role = Role.VIEWER, *, node_id: int | None = None, **more: Any) -> int:
    node_id = node_id or team.node().pk
    return share(actor_of(by), node_id=node_id, to=subject(to), given=Given(role, **more))


def test_a_share_is_a_grant_and_a_mount(team: Team) -> None:
    made = team.share("BOB@example.com ", Role.EDITOR)
    grant = Grant.objects.get(pk=made.id)
    assert (grant.user, grant.role, grant.created_by) == (team.bob, "editor", team.ada)
    assert bytes_at(actor_of(team.bob), "Photos/sea.jpg") == b"picture"
    put(actor_of(team.bob), "Photos/new.jpg", b"by bob")
    assert bytes_at(team.actor, "Photos/new.jpg") == b"by bob"
    end_share(team.actor, share_id=made.id)
    refused(errors.NotFound, lambda: locate_path(actor_of(team.bob), "Photos/sea.jpg"))
    reconcile_all()
    assert not Mount.objects.exists()
    assert not Share.objects.exists()
    assert bytes_at(team.actor, "Photos/new.jpg") == b"by bob"


def test_groups_and_the_team(team: Team) -> None:
    group = team.group(team.carl)
    team.share(group)
    assert locate_path(actor_of(team.carl), "Photos/sea.jpg")
    refused(errors.NotFound, lambda: locate_path(actor_of(team.bob), "Photos/sea.jpg"))
    whole = Subject(SubjectKind.TEAM, team.ada.membership.team_id)
    share(team.actor, node_id=team.node().pk, to=whole, given=Given(Role.VIEWER))
    reconcile_all()
    assert locate_path(actor_of(team.bob), "Photos/sea.jpg")


def test_one_share_of_a_node_with_somebody(team: Team) -> None:
    made = team.share(team.bob)
    error = refused(AlreadyShared, lambda: give(team, team.ada, team.bob, Role.EDITOR))
    assert error.detail == {"share": str(made.id)}
    assert Grant.objects.get().role == "viewer"
    Grant.objects.update(expires_at=now() - timedelta(seconds=1))
    team.share(team.bob, Role.EDITOR)
    assert Grant.objects.get().role == "editor"


def test_nobody_shares_more_than_they_have(team: Team) -> None:
    team.share(team.bob, Role.VIEWER)
    refused(errors.Forbidden, lambda: give(team, team.bob, team.carl))
    change_share(team.actor, share_id=Grant.objects.get().pk, role=Role.EDITOR)
    refused(errors.Forbidden, lambda: give(team, team.bob, team.carl, Role.MANAGER))
    given = give(team, team.bob, team.carl, Role.EDITOR)
    # What others gave is not theirs to change, and they do not raise themselves.
    own = Grant.objects.get(user=team.bob).pk
    refused(errors.Forbidden, lambda: change_share(actor_of(team.bob), share_id=own, role=Role.MANAGER))
    refused(errors.Forbidden, lambda: change_share(actor_of(team.carl), share_id=own, role=Role.VIEWER))
    refused(errors.Forbidden, lambda: end_share(actor_of(team.carl), share_id=own))
    change_share(actor_of(team.bob), share_id=given, role=Role.VIEWER)
    assert Grant.objects.get(user=team.carl).role == "viewer"
    end_share(team.actor, share_id=given)  # the owner, whoever gave it


def test_nobody_shares_what_may_not_be_downloaded_as_if_it_might(team: Team) -> None:
    team.share(team.bob, Role.EDITOR, can_download=False)
    refused(errors.Forbidden, lambda: give(team, team.bob, team.carl))
    give(team, team.bob, team.carl, can_download=False)
    assert Grant.objects.get(user=team.carl).can_download is False


def test_an_editor_who_may_not_share_it_on(team: Team) -> None:
    made = team.share(team.bob, Role.EDITOR, can_share=False)
    put(actor_of(team.bob), "Photos/new.jpg")
    refused(errors.Forbidden, lambda: give(team, team.bob, team.carl))
    change_share(team.actor, share_id=made.id, role=Role.MANAGER)
    assert Grant.objects.get(user=team.bob).can_share is True  # a manager says who may do what
    give(team, team.bob, team.carl)
    change_share(team.actor, share_id=made.id, role=Role.EDITOR, can_share=False)
    refused(errors.Forbidden, lambda: give(team, team.bob, team.group(team.carl)))


def test_nobody_shares_for_longer_than_they_have(team: Team) -> None:
    end = now() + timedelta(days=3)
    team.share(team.bob, Role.EDITOR, expires_at=end)
    error = refused(errors.InvalidRequest, lambda: give(team, team.bob, team.carl))
    assert error.detail["parameter"] == "expires_at"
    later = end + timedelta(seconds=1)
    refused(errors.InvalidRequest, lambda: give(team, team.bob, team.carl, expires_at=later))
    given = give(team, team.bob, team.carl, expires_at=end)
    refused(errors.InvalidRequest, lambda: change_share(actor_of(team.bob), share_id=given, expires_at=None))
    # What holds longer, by another way, can be given for as long.
    team.share(team.group(team.bob), Role.EDITOR)
    change_share(actor_of(team.bob), share_id=given, expires_at=None)
    assert Grant.objects.get(pk=given).expires_at is None


def test_what_is_left_out_stays(team: Team) -> None:
    end = now() + timedelta(days=3)
    made = team.share(team.bob, Role.EDITOR, can_download=False, expires_at=end).id
    change_share(team.actor, share_id=made, message=" For May. ")
    found = share_of(team.actor, share_id=made)
    assert (found.role, found.can_download, found.expires_at) == (Role.EDITOR, False, end)
    assert (found.message, found.created_by) == ("For May.", team.ada)
    change_share(team.actor, share_id=made, expires_at=None, can_download=True)
    found = share_of(team.actor, share_id=made)
    assert (found.role, found.can_download, found.expires_at, found.message) == (Role.EDITOR, True, None, "For May.")
    refused(errors.InvalidRequest, lambda: change_share(team.actor, share_id=made, expires_at=now()))
    refused(errors.InvalidRequest, lambda: change_share(team.actor, share_id=made, message="x" * (MAXIMUM_MESSAGE + 1)))


def test_a_receiver_may_leave(team: Team) -> None:
    made = team.share(team.bob).id
    end_share(actor_of(team.bob), share_id=made)
    assert not Grant.objects.exists()
    of_group = team.share(team.group(team.bob)).id
    refused(errors.Forbidden, lambda: end_share(actor_of(team.bob), share_id=of_group))


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MANAGER])
def test_a_receiver_cannot_take_it_away_from_its_owner(team: Team, role: Role) -> None:
    """owncloud/core#15934: the receiver moved or deleted the folder, and the owner had nothing any more."""
    team.share(team.bob, role)
    folder, bob = team.node(), actor_of(team.bob)
    row = Mount.objects.get(user=team.bob).node
    assert row is not None
    move_node(bob, node_id=row.pk, target=Target("/Mine"))
    assert bytes_at(team.actor, "Photos/sea.jpg") == b"picture"
    trash_nodes(bob, node_ids=[row.pk])
    assert bytes_at(team.actor, "Photos/sea.jpg") == b"picture"
    refused(errors.InvalidRequest, lambda: give(team, team.bob, team.ada))
    for act in (
        lambda: move_node(bob, node_id=folder.pk, target=Target("/Taken")),
        lambda: trash_nodes(bob, node_ids=[folder.pk]),
    ):
        refused(errors.Forbidden, act)
    folder.refresh_from_db()
    assert (folder.space_id, folder.parent_id) == (team.home.pk, team.home.root_id)


def test_what_its_owner_moves_keeps_its_shares(team: Team) -> None:
    """nextcloud/server#4932."""
    made = team.share(team.bob)
    put(team.actor, "Old/x.txt")
    move_node(team.actor, node_id=team.node().pk, target=Target("/Old/Pictures"))
    assert share_of(team.actor, share_id=made.id).place.path == "/Old/Pictures"
    assert bytes_at(actor_of(team.bob), "Photos/sea.jpg") == b"picture"
    space = create_team_space(team.actor, name="Plans")
    move_node(team.actor, node_id=made.place.node.pk, target=Target("/Pictures", space_id=space.pk))
    grant = Grant.objects.get(pk=made.id)
    assert (grant.space_id, grant.user) == (space.pk, team.bob)
    assert share_of(team.actor, share_id=made.id).place.space.pk == space.pk


def test_what_cannot_be_shared(team: Team) -> None:
    stranger = make_user("eve@example.org")
    node_id = team.node().pk
    refused(errors.NotFound, lambda: give(team, stranger, stranger))
    refused(errors.NotFound, lambda: give(team, stranger, "new@example.com"))
    refused(errors.SubjectNotFound, lambda: give(team, team.ada, stranger))
    refused(errors.RootIsFixed, lambda: give(team, team.ada, team.bob, node_id=team.home.root_id))
    refused(errors.InvalidRequest, lambda: give(team, team.ada, team.ada))
    refused(errors.InvalidRequest, lambda: give(team, team.ada, team.bob, expires_at=now()))
    refused(InvalidEmail, lambda: give(team, team.ada, "no address"))
    narrow = actor_of(team.ada, scopes=frozenset({READ, WRITE}))
    for to in (subject(team.bob), "bob@example.com"):
        refused(ScopeMissing, lambda to=to: share(narrow, node_id=node_id, to=to, given=Given(Role.VIEWER)))
    made = team.share(team.bob).id
    refused(ScopeMissing, lambda: change_share(narrow, share_id=made, role=Role.EDITOR))
    refused(ScopeMissing, lambda: end_share(narrow, share_id=made))
    for act in (
        lambda: change_share(actor_of(stranger), share_id=made, role=Role.EDITOR),
        lambda: end_share(actor_of(stranger), share_id=made),
    ):
        assert refused(errors.NotFound, act).detail == {"id": made}
    assert Grant.objects.get().role == "viewer"


def test_links_are_no_shares(team: Team) -> None:
    link = Grant.objects.create(node=team.node(), space=team.home, link_id=7, role="viewer")
    for act in (
        lambda: change_share(team.actor, share_id=link.pk, role=Role.EDITOR),
        lambda: end_share(team.actor, share_id=link.pk),
        lambda: share_of(team.actor, share_id=link.pk),
    ):
        refused(errors.NotFound, act)
    assert shares_on(team.actor, node_id=team.node().pk).items == []
    assert Grant.objects.get().role == "viewer"


def test_an_address_of_nobody_is_invited_and_waits(team: Team) -> None:
    made = team.share("dora@example.com", Role.EDITOR)
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.invited_by) == ("dora@example.com", "member", team.ada)
    assert (made.is_waiting, made.name, made.kind) == (True, "dora@example.com", None)
    assert not Grant.objects.exists()
    assert refused(AlreadyShared, lambda: give(team, team.ada, "Dora@example.com")).detail == {"share": str(made.id)}
    change_share(team.actor, share_id=made.id, role=Role.VIEWER, message="Come!")
    row = WaitingShare.objects.get()
    assert (row.role, row.message) == ("viewer", "Come!")
    kinds = AuditEvent.objects.filter(kind__startswith="share.").values_list("kind", flat=True)
    assert sorted(kinds) == ["share.change", "share.wait"]
    end_share(team.actor, share_id=made.id)
    assert not WaitingShare.objects.exists()


def test_who_may_not_invite_shares_with_the_team_only(team: Team) -> None:
    put(actor_of(team.bob), "Own/a.txt")
    own = locate_path(actor_of(team.bob), "Own").node.pk
    refused(NotInTeam, lambda: give(team, team.bob, "dora@example.com", node_id=own))
    team.share("dora@example.com")  # who may invite has done so: others may share with her, too
    waiting = give(team, team.bob, "dora@example.com", node_id=own)
    assert Invitation.objects.count() == 1
    for act in (
        lambda: end_share(team.actor, share_id=waiting),
        lambda: change_share(team.actor, share_id=waiting, role=Role.EDITOR),
        lambda: share_of(team.actor, share_id=waiting),
    ):
        assert refused(errors.NotFound, act).detail == {"id": waiting}
    editor = team.share(team.carl, Role.EDITOR)
    of_ada = WaitingShare.objects.get(created_by=team.ada).pk
    refused(errors.Forbidden, lambda: end_share(actor_of(team.carl), share_id=of_ada))
    assert editor.kind is SubjectKind.USER


def test_what_stands_against_inviting(team: Team, settings: Settings) -> None:
    invite = lambda by=team.ada, **more: share(  # noqa: E731
        actor_of(by, **more), node_id=team.node().pk, to="dora@example.com", given=Given(Role.VIEWER)
    )
    refused(ReauthenticationRequired, lambda: invite(proved_recently=False))
    refused(ScopeMissing, lambda: invite(scopes=frozenset({"read", "share"})))
    team.ada.membership.team.seats = 3
    team.ada.membership.team.save()
    refused(TeamFull, invite)
    settings.MAIL_IS_SENT = False
    refused(MailUnavailable, invite)
    assert not WaitingShare.objects.exists()
    assert not Invitation.objects.exists()


def test_a_member_who_was_stopped_is_nobody(team: Team) -> None:
    other = make_member(team.ada, email="gone@example.com")
    User.objects.filter(pk=other.pk).update(is_active=False)
    refused(errors.SubjectNotFound, lambda: give(team, team.ada, other))


def test_a_share_of_a_mount_is_one_of_what_it_stands_for(team: Team) -> None:
    team.share(team.bob, Role.EDITOR)
    row = Mount.objects.get(user=team.bob).node_id
    made = give(team, team.bob, team.carl, node_id=row)
    assert Grant.objects.get(pk=made).node_id == team.node().pk
    assert shares_on(actor_of(team.bob), node_id=row or 0).items[0].id == made
    assert locate(actor_of(team.carl), Node.objects.get(name="sea.jpg").pk)
