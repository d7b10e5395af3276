"""files.actions.space_states: a limit of a space's own, archived, deleted, back again, purged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import AuditEvent, QuotaAccount, Role, User
from accounts.quotas import Charge
from common.clock import now
from files import errors
from files.access.rights import Role as SpaceRole
from files.actions import space_states
from files.actions.annotations import PropertyChange, set_properties
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node
from files.actions.finish_upload import finish_upload
from files.actions.grants import Subject, SubjectKind, change_space, remove_grant, set_grant
from files.actions.move import move_node, rename_node
from files.actions.rewind import rewind
from files.actions.space_states import delete_space, purge_space, restore_space
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, abort_upload, declare_length, open_upload
from files.actions.versions import delete_versions, restore_version
from files.actions.write_file import WriteOptions, write_file
from files.actions.write_piece import PieceOptions, write_piece
from files.maintenance import retention
from files.maintenance.fsck.ledger import computed_lines, stored_lines
from files.models import Change, ChangeKind, Grant, Node, Space, TrashItem, Upload, Version
from files.queries.members import deleted_spaces, members_of_space, spaces_of_team
from files.queries.target import Target
from files.queries.tree import get_space, list_spaces, locate, locate_path
from files.tree.unit_of_work import space_unit_of_work
from tests.support.people import SYSTEM, actor_of, make_member, make_user
from tests.support.trees import put


@pytest.fixture
def space(actor: Actor) -> Space:
    return create_team_space(actor, name="Plans")


@pytest.fixture
def bob(user: User) -> Actor:
    return actor_of(make_member(user))


def lines(space: Space) -> Charge:
    return stored_lines(QuotaAccount.objects.get(space_id=space.pk))


def team_lines(user: User) -> Charge:
    return stored_lines(QuotaAccount.objects.get(team=user.membership.team))


def audited() -> list[str]:
    """After its creation."""
    events = AuditEvent.objects.filter(kind__startswith="space.").exclude(kind="space.create")
    return list(events.order_by("pk").values_list("kind", flat=True))


# A limit of its own


def test_whatever_grows_the_space_is_held_to_its_limit(actor: Actor, bob: Actor, space: Space) -> None:
    file = put(bob, "f", b"12345", space_id=space.pk).node
    put(bob, "f", b"123", space_id=space.pk)
    put(bob, "mine", b"123456")
    first = Version.objects.filter(node=file).earliest("pk").pk
    change_space(actor, space_id=space.pk, limit_bytes=10)
    assert locate_path(bob, "/", space_id=space.pk).space.quota.limit_bytes == 10
    folder, mine = space.root_id or 0, locate_path(bob, "mine").node.pk
    small = [SmallFile("b1", b"123", WriteOptions())]
    ways: list[Callable[[], object]] = [
        lambda: put(bob, "g", b"123", space_id=space.pk),
        lambda: put(bob, "g", b"x" * 200_000, space_id=space.pk),  # larger than what is kept in memory
        lambda: open_upload(bob, wanted=UploadOptions(Target("u", space_id=space.pk), length=3)),
        lambda: move_node(bob, node_id=mine, target=Target("m", space_id=space.pk)),
        lambda: copy_node(bob, node_id=mine, target=Target("c", space_id=space.pk)),
        lambda: copy_node(bob, node_id=file.pk, target=Target("c", space_id=space.pk)),
        lambda: restore_version(bob, node_id=file.pk, version_id=first),
        lambda: bulk_write(bob, folder=Target(parent_id=folder), files=small),
    ]
    for way in ways:
        with pytest.raises(QuotaExceeded) as refused:
            way()
        assert refused.value.detail["whose"] == "space"
        assert lines(space).total == 8
    put(bob, "g", b"12", space_id=space.pk)
    assert lines(space).total == 10
    rename_node(bob, node_id=file.pk, name="other")
    (item,) = trash_nodes(bob, node_ids=[file.pk])
    restore_items(bob, item_ids=[item.pk])


def test_an_upload_without_a_length_is_held_to_it(actor: Actor, bob: Actor, space: Space) -> None:
    change_space(actor, space_id=space.pk, limit_bytes=10)
    upload = open_upload(bob, wanted=UploadOptions(Target("u", space_id=space.pk)))
    write_piece(bob, upload_id=upload.pk, chunks=[b"12345"], piece=PieceOptions(0))
    with pytest.raises(QuotaExceeded):
        write_piece(bob, upload_id=upload.pk, chunks=[b"123456"], piece=PieceOptions(5))
    with pytest.raises(QuotaExceeded):
        declare_length(bob, upload_id=upload.pk, length=11)
    declare_length(bob, upload_id=upload.pk, length=10)
    write_piece(bob, upload_id=upload.pk, chunks=[b"12345"], piece=PieceOptions(5))
    finish_upload(bob, upload_id=upload.pk)
    assert lines(space) == Charge(live=10, nodes=1)


def test_the_team_pays_what_the_space_uses(user: User, actor: Actor, bob: Actor, space: Space) -> None:
    other = create_team_space(actor, name="Others")
    change_space(actor, space_id=space.pk, limit_bytes=1000)
    put(bob, "f", b"12345", space_id=space.pk)
    put(bob, "f", b"123", space_id=other.pk)
    assert team_lines(user) == lines(space) + lines(other)
    QuotaAccount.objects.filter(team=user.membership.team).update(limit_bytes=9)
    with pytest.raises(QuotaExceeded) as refused:
        put(bob, "g", b"12", space_id=space.pk)
    assert refused.value.detail["whose"] == "team"
    node = locate_path(bob, "f", space_id=space.pk).node.pk
    move_node(bob, node_id=node, target=Target("moved", space_id=other.pk))  # nothing more for the team
    assert (lines(space).live, lines(other).live) == (0, 8)


def test_less_than_is_used_refuses_growth_only(actor: Actor, bob: Actor, space: Space) -> None:
    put(bob, "f", b"12345", space_id=space.pk)
    change_space(actor, space_id=space.pk, limit_bytes=2)
    with pytest.raises(QuotaExceeded):
        put(bob, "g", b"1", space_id=space.pk)
    trash_nodes(bob, node_ids=[locate_path(bob, "f", space_id=space.pk).node.pk])
    change_space(actor, space_id=space.pk, limit_bytes=None)
    put(bob, "g", b"1", space_id=space.pk)
    assert audited() == ["space.quota", "space.quota"]


def test_its_own_trash_gives_way_and_no_other(actor: Actor, bob: Actor, space: Space, settings: Settings) -> None:
    settings.TRASH_GIVES_WAY = True
    other = create_team_space(actor, name="Others")
    for one in (space, other):
        put(bob, "old", b"12345", space_id=one.pk)
        trash_nodes(bob, node_ids=[locate_path(bob, "old", space_id=one.pk).node.pk])
    change_space(actor, space_id=space.pk, limit_bytes=6)
    put(bob, "new", b"123456", space_id=space.pk)
    assert not TrashItem.objects.filter(space=space, purging=False).exists()
    assert TrashItem.objects.filter(space=other, purging=False).exists()


def test_who_limits_a_space(user: User, actor: Actor, bob: Actor, space: Space) -> None:
    assert bob.user_id is not None
    set_grant(actor, node_id=space.root_id or 0, subject=Subject(SubjectKind.USER, bob.user_id), role=SpaceRole.MANAGER)
    with pytest.raises(errors.Forbidden):  # it is the quota of the team
        change_space(bob, space_id=space.pk, limit_bytes=None)
    with pytest.raises(errors.ScopeMissing):
        change_space(actor_of(user, scopes=frozenset({"read", "write"})), space_id=space.pk, limit_bytes=5)
    with pytest.raises(errors.NotFound):
        change_space(actor_of(make_user()), space_id=space.pk, limit_bytes=5)
    change_space(actor_of(make_member(user, Role.ADMIN)), space_id=space.pk, limit_bytes=5)


def older(user: User, space: Space) -> None:
    """As the release before this one makes a space."""
    space.quota = QuotaAccount.objects.get(team=user.membership.team)
    space.save(update_fields=["quota"])
    QuotaAccount.objects.filter(space_id=space.pk).delete()


def test_a_space_of_an_earlier_release_gets_its_account_with_its_limit(
    user: User, actor: Actor, bob: Actor, space: Space
) -> None:
    older(user, space)
    for number in range(3):
        put(bob, "a/f", b"version %d" % number, space_id=space.pk)
    put(bob, "gone", b"12345", space_id=space.pk)
    trash_nodes(bob, node_ids=[locate_path(bob, "gone", space_id=space.pk).node.pk])
    top = locate_path(bob, "a", space_id=space.pk).node.pk
    set_properties(bob, node_id=top, changes=[PropertyChange("urn:x", "p", "value")])
    before = team_lines(user)
    upload = open_upload(bob, wanted=UploadOptions(Target("u", space_id=space.pk), length=10))
    with pytest.raises(errors.Busy):
        change_space(actor, space_id=space.pk, limit_bytes=100)
    abort_upload(bob, upload_id=upload.pk)
    change_space(actor, space_id=space.pk, limit_bytes=40)
    assert lines(space) == before == team_lines(user)
    with pytest.raises(QuotaExceeded) as refused:
        put(bob, "g", b"x" * 20, space_id=space.pk)
    assert refused.value.detail["whose"] == "space"


# Archived


def test_an_archived_space_is_read_and_not_changed(actor: Actor, bob: Actor, space: Space) -> None:
    file = put(bob, "a/f", b"one", space_id=space.pk).node
    first = file.version_id or 0
    put(bob, "a/f", b"two", space_id=space.pk)
    put(bob, "gone", space_id=space.pk)
    (item,) = trash_nodes(bob, node_ids=[locate_path(bob, "gone", space_id=space.pk).node.pk])
    upload = open_upload(bob, wanted=UploadOptions(Target("u", space_id=space.pk), length=2))
    write_piece(bob, upload_id=upload.pk, chunks=[b"1"], piece=PieceOptions(0))
    put(bob, "mine")
    change_space(actor, space_id=space.pk, is_archived=True)
    folder, mine = locate_path(bob, "a", space_id=space.pk).node.pk, locate_path(bob, "mine").node.pk
    place = locate(bob, file.pk)
    assert place.node.version_id != first
    member = Subject(SubjectKind.USER, bob.user_id or 0)
    before = snapshot(space)
    ways: list[Callable[[Actor], object]] = [
        lambda who: put(who, "new", space_id=space.pk),
        lambda who: put(who, "a/f", b"three", space_id=space.pk),
        lambda who: bulk_write(who, folder=Target(parent_id=folder), files=[SmallFile("b", b"1", WriteOptions())]),
        lambda who: open_upload(who, wanted=UploadOptions(Target("v", space_id=space.pk), length=1)),
        lambda who: rename_node(who, node_id=file.pk, name="g"),
        lambda who: move_node(who, node_id=file.pk, target=Target("stolen")),
        lambda who: copy_node(who, node_id=file.pk, target=Target("copy", space_id=space.pk)),
        lambda who: trash_nodes(who, node_ids=[file.pk]),
        lambda who: restore_items(who, item_ids=[item.pk]),
        lambda who: empty_trash(who, space_id=space.pk),
        lambda who: restore_version(who, node_id=file.pk, version_id=first),
        lambda who: delete_versions(who, node_id=file.pk, version_ids=[first]),
        lambda who: rewind(who, node_id=folder, seq=1),
        lambda who: set_properties(who, node_id=folder, changes=[PropertyChange("urn:x", "p", "v")]),
        lambda who: set_grant(who, node_id=folder, subject=member, role=SpaceRole.VIEWER),
    ]
    for number, way in enumerate(ways):
        for who in (actor, bob):
            with pytest.raises((errors.SpaceArchived, errors.Forbidden)) as refused:
                way(who)
            assert who is bob or refused.type is errors.SpaceArchived  # some need a manager at any time
            assert snapshot(space) == before, number
    late: list[Callable[[], object]] = [
        lambda: move_node(bob, node_id=mine, target=Target("m", space_id=space.pk)),
        lambda: write_piece(bob, upload_id=upload.pk, chunks=[b"2"], piece=PieceOptions(1)),
        lambda: finish_upload(bob, upload_id=upload.pk),
    ]
    for act in late:
        with pytest.raises(errors.SpaceArchived):
            act()
        assert snapshot(space) == before
    copy_node(bob, node_id=file.pk, target=Target("copied out"))
    abort_upload(bob, upload_id=upload.pk)  # what is reserved can be given back
    assert not Upload.objects.filter(space=space).exists()
    change_space(actor, space_id=space.pk, is_archived=False)
    put(bob, "new", space_id=space.pk)
    assert audited() == ["space.archive", "space.unarchive"]


def snapshot(space: Space) -> tuple[object, ...]:
    fresh = Space.objects.get(pk=space.pk)
    counted = (
        Node.objects.filter(space=space).count(),
        Version.objects.filter(node__space=space).count(),
        Upload.objects.filter(space=space).count(),
        Grant.objects.filter(space=space).count(),
    )
    return fresh.seq, fresh.name, Change.objects.filter(space=space).count(), counted


def test_what_was_on_its_way_when_the_space_was_archived_is_refused(actor: Actor, bob: Actor, space: Space) -> None:
    def chunks():  # type: ignore[no-untyped-def]
        yield b"12345"
        change_space(actor, space_id=space.pk, is_archived=True)
        yield b"12345"

    with pytest.raises(errors.SpaceArchived):
        write_file(bob, target=Target("late", space_id=space.pk), chunks=chunks(), length=10)
    assert not Node.objects.filter(space=space, name="late").exists()


def test_managers_of_a_closed_space_archive_it_and_bring_it_back(user: User, actor: Actor, space: Space) -> None:
    manager, editor = actor_of(make_member(user)), actor_of(make_member(user))
    change_space(actor, space_id=space.pk, is_open=False)
    for who, role in ((manager, SpaceRole.MANAGER), (editor, SpaceRole.EDITOR)):
        subject = Subject(SubjectKind.USER, who.user_id or 0)
        set_grant(actor, node_id=space.root_id or 0, subject=subject, role=role)
    with pytest.raises(errors.Forbidden):
        change_space(editor, space_id=space.pk, is_archived=True)
    change_space(manager, space_id=space.pk, is_archived=True)
    assert members_of_space(manager, space.pk).may_manage
    with pytest.raises(errors.Forbidden):
        change_space(editor, space_id=space.pk, is_archived=False)
    # Who manages the team still says who is in it; and everybody may leave.
    (grant,) = Grant.objects.filter(space=space, user_id=editor.user_id)
    remove_grant(actor, grant_id=grant.pk)
    with pytest.raises(errors.NotFound):
        get_space(editor, space.pk)
    change_space(manager, space_id=space.pk, is_archived=False)
    put(manager, "f", space_id=space.pk)


def test_what_goes_with_age_goes_from_an_archived_space(actor: Actor, bob: Actor, space: Space) -> None:
    put(bob, "gone", space_id=space.pk)
    (item,) = trash_nodes(bob, node_ids=[locate_path(bob, "gone", space_id=space.pk).node.pk])
    change_space(actor, space_id=space.pk, is_archived=True)
    TrashItem.objects.filter(pk=item.pk).update(deleted_at=now() - settings.TRASH_RETENTION - timedelta(days=1))
    assert retention.purge_old_trash() == 1


# Deleted


def test_nobody_sees_a_deleted_space_until_it_is_restored(actor: Actor, bob: Actor, space: Space) -> None:
    file = put(bob, "a/f", b"one", space_id=space.pk).node
    upload = open_upload(bob, wanted=UploadOptions(Target("u", space_id=space.pk), length=2))
    charged = lines(space)
    delete_space(actor, space_id=space.pk, name="Plans")
    asked: list[Callable[[Actor], object]] = [
        lambda who: get_space(who, space.pk),
        lambda who: locate(who, file.pk),
        lambda who: locate_path(who, "a/f", space_id=space.pk),
        lambda who: members_of_space(who, space.pk),
        lambda who: put(who, "new", space_id=space.pk),
        lambda who: write_piece(bob, upload_id=upload.pk, chunks=[b"1"], piece=PieceOptions(0)),
        lambda who: change_space(who, space_id=space.pk, name="Other"),
        lambda who: delete_space(who, space_id=space.pk, name="Plans"),
        lambda who: set_grant(
            who, node_id=space.root_id or 0, subject=Subject(SubjectKind.USER, bob.user_id or 0), role=SpaceRole.VIEWER
        ),
    ]
    for who in (actor, bob):
        assert space not in [*list_spaces(who), *spaces_of_team(who)]
        for ask in asked:
            with pytest.raises((errors.NotFound, errors.UploadNotFound)):
                ask(who)
    assert lines(space) == charged  # until it is purged
    with pytest.raises(errors.Forbidden):
        deleted_spaces(bob)
    assert [found.pk for found in deleted_spaces(actor)] == [space.pk]
    with pytest.raises(errors.Forbidden):
        restore_space(bob, space_id=space.pk)
    with pytest.raises(errors.NotFound):
        restore_space(actor_of(make_user()), space_id=space.pk)
    restore_space(actor, space_id=space.pk)
    assert locate(bob, file.pk).path == "/a/f"
    write_piece(bob, upload_id=upload.pk, chunks=[b"12"], piece=PieceOptions(0))
    finish_upload(bob, upload_id=upload.pk)
    assert audited() == ["space.delete", "space.restore"]


def test_the_name_says_which_one_is_meant(actor: Actor, space: Space) -> None:
    for wrong in ("", "plans", "Plans ", "Other"):
        with pytest.raises(errors.InvalidRequest):
            delete_space(actor, space_id=space.pk, name=wrong)
    assert get_space(actor, space.pk).deleted_at is None


def test_who_deletes_a_space(user: User, actor: Actor, bob: Actor, space: Space) -> None:
    root = space.root_id or 0
    set_grant(actor, node_id=root, subject=Subject(SubjectKind.USER, bob.user_id or 0), role=SpaceRole.MANAGER)
    with pytest.raises(errors.Forbidden):  # also who manages it
        delete_space(bob, space_id=space.pk, name="Plans")
    with pytest.raises(errors.NotFound):
        delete_space(actor_of(make_user()), space_id=space.pk, name="Plans")
    with pytest.raises(errors.ScopeMissing):
        delete_space(actor_of(user, scopes=frozenset({"read", "write"})), space_id=space.pk, name="Plans")
    change_space(actor, space_id=space.pk, is_open=False)
    with pytest.raises(errors.NotFound):  # who does not even see it
        delete_space(actor_of(make_member(user)), space_id=space.pk, name="Plans")
    home = Space.objects.get(owner=user)
    with pytest.raises(errors.NotFound):
        delete_space(actor, space_id=home.pk, name=home.name)
    delete_space(actor_of(make_member(user, Role.ADMIN)), space_id=space.pk, name="Plans")


def test_its_name_is_free_and_it_comes_back_by_another(actor: Actor, space: Space) -> None:
    delete_space(actor, space_id=space.pk, name="Plans")
    create_team_space(actor, name="PLANS")
    with pytest.raises(errors.NameTaken):
        restore_space(actor, space_id=space.pk)
    with pytest.raises(errors.InvalidName):
        restore_space(actor, space_id=space.pk, name="a/b")
    assert restore_space(actor, space_id=space.pk, name="Old plans").name == "Old plans"


def aged(space: Space) -> None:
    Space.objects.filter(pk=space.pk).update(deleted_at=now() - settings.TRASH_RETENTION - timedelta(minutes=1))


def test_it_is_purged_when_its_time_is_over(user: User, actor: Actor, bob: Actor, space: Space) -> None:
    other = create_team_space(actor, name="Others")
    put(bob, "kept", b"12345", space_id=other.pk)
    for number in range(3):
        put(bob, f"a/f{number}", b"1", space_id=space.pk)
        put(bob, f"a/f{number}", b"22", space_id=space.pk)
    put(bob, "gone", space_id=space.pk)
    trash_nodes(bob, node_ids=[locate_path(bob, "gone", space_id=space.pk).node.pk])
    open_upload(bob, wanted=UploadOptions(Target("u", space_id=space.pk), length=2))
    delete_space(actor, space_id=space.pk, name="Plans")
    assert retention.purge_deleted_spaces() == 0
    aged(space)
    assert retention.purge_deleted_spaces() == 1
    while remove_purged_rows():
        pass
    assert lines(space) == Charge()
    assert team_lines(user) == lines(other)
    assert Node.objects.filter(space=space).count() == 1  # its top folder: the journal is kept
    assert not Upload.objects.filter(space=space).exists()
    assert retention.purge_deleted_spaces() == 0
    with pytest.raises(errors.NotFound):
        restore_space(actor, space_id=space.pk)
    assert list(deleted_spaces(actor)) == []


def test_a_purge_that_was_interrupted_goes_on_and_nothing_comes_back(
    actor: Actor, bob: Actor, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bob, "a/f", b"1", space_id=space.pk)
    put(bob, "g", b"1", space_id=space.pk)
    delete_space(actor, space_id=space.pk, name="Plans")
    aged(space)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(space_states, "clear", killed)
        with pytest.raises(KeyboardInterrupt):
            retention.purge_deleted_spaces()
    with pytest.raises(errors.NotFound):  # what is half gone does not come back
        restore_space(actor, space_id=space.pk)
    assert retention.purge_deleted_spaces() == 1
    assert lines(space).live == 0


def test_what_was_restored_in_time_is_not_purged(actor: Actor, bob: Actor, space: Space) -> None:
    put(bob, "f", b"1", space_id=space.pk)
    delete_space(actor, space_id=space.pk, name="Plans")
    aged(space)
    restore_space(actor, space_id=space.pk)
    assert not purge_space(SYSTEM, space_id=space.pk)
    with pytest.raises(errors.Forbidden):
        purge_space(actor, space_id=space.pk)
    assert locate_path(bob, "f", space_id=space.pk)
    delete_space(actor, space_id=space.pk, name="Plans")
    assert not purge_space(SYSTEM, space_id=space.pk)  # its time has begun anew


def test_every_account_adds_up(actor: Actor, bob: Actor, space: Space) -> None:
    put(bob, "f", b"1", space_id=space.pk)
    delete_space(actor, space_id=space.pk, name="Plans")
    for account in QuotaAccount.objects.all():
        assert stored_lines(account) == computed_lines(account)


def test_no_line_is_written_in_an_archived_space_whatever_an_action_has_asked_for(actor: Actor, space: Space) -> None:
    node = put(actor, "f", space_id=space.pk).node
    change_space(actor, space_id=space.pk, is_archived=True)
    with pytest.raises(errors.SpaceArchived), space_unit_of_work(actor, space.pk) as unit:
        unit[space.pk].record(ChangeKind.WRITE, node)
