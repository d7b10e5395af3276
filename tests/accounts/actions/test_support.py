"""accounts.actions.support: who may ask, who may agree, and how it begins."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from accounts import support
from accounts.actions.support import consent_to_support, note_support_seen, request_support, start_support
from accounts.actions.support_endings import end_support
from accounts.actor import READ, WRITE
from accounts.errors import (
    AccountNotFound,
    InvalidSupportRequest,
    NotAllowed,
    ReauthenticationRequired,
    ScopeMissing,
    SupportEnded,
    SupportNeedsSession,
    SupportNotAllowed,
    SupportNotFound,
    SupportNotNow,
    SupportOpen,
    SupportRunning,
    TooManySupportRequests,
)
from accounts.models import AuditEvent, Role, SupportAccess, SupportEnd, TeamPolicy, User
from accounts.support import acting_as
from tests.support.people import actor_of, make_user
from tests.support.supporting import WHY, World, in_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def events(kind: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(kind=kind).order_by("pk"))


def test_asked_agreed_begun_and_ended(world: World) -> None:
    access, by = world.running(may_write=True)
    actor = acting_as(access.pk, by)
    assert (actor.user_id, actor.team_id, actor.role) == (world.member.pk, access.team_id, Role.MEMBER)
    assert actor.scopes == {READ, WRITE}
    assert actor.support is not None
    assert actor.support.by.user_id == world.admin.pk
    end_support(actor_of(world.member), access_id=access.pk)
    with pytest.raises(SupportEnded):
        acting_as(access.pk, by)
    told = [(event.kind, event.actor_id, event.target) for event in AuditEvent.objects.filter(kind__startswith="supp")]
    assert told == [
        ("support.request", world.admin.pk, world.member.email),
        ("support.consent", world.member.pk, world.member.email),
        ("support.start", world.admin.pk, world.member.email),
        ("support.end", world.member.pk, world.member.email),
    ]
    for event in events("support.start"):
        assert event.team_id == world.owner.membership.team_id
        assert (event.detail["person"], event.detail["administrator"]) == (world.member.pk, world.admin.pk)
    assert SupportAccess.objects.get().end == SupportEnd.PERSON


def test_who_may_ask(world: World) -> None:
    allowed = [
        (world.admin, world.second_admin),
        (world.owner, world.admin),
        (world.owner, world.second_owner),
        (world.staff, world.stranger),
        (world.staff, world.owner),
    ]
    for by, person in allowed:
        world.asked(by, person)
    refused: list[tuple[User, User, type[Exception]]] = [
        (world.member, world.other_member, NotAllowed),
        (world.admin, world.owner, NotAllowed),  # who has more
        (world.admin, world.admin, NotAllowed),
        (world.admin, world.stranger, AccountNotFound),
        (world.stranger, world.member, AccountNotFound),
    ]
    for by, person, error in refused:
        with pytest.raises(error):
            world.asked(by, person)
    assert SupportAccess.objects.count() == len(allowed)


def test_an_administrator_of_the_installation_is_nobodys_who_has_less(world: World) -> None:
    User.objects.filter(pk=world.second_admin.pk).update(is_staff=True)
    with pytest.raises(NotAllowed):
        world.asked(world.owner, world.second_admin)
    lesser = make_user()
    User.objects.filter(pk=lesser.pk).update(is_staff=True)
    with pytest.raises(NotAllowed):
        world.asked(lesser, world.staff)  # who is a superuser
    world.asked(world.staff, lesser)


@pytest.mark.parametrize("scopes", [frozenset({READ}), frozenset({READ, WRITE})], ids=["read", "read and write"])
def test_a_narrow_token_does_nothing_of_it(world: World, scopes: frozenset[str]) -> None:
    access = world.asked()
    with pytest.raises(ScopeMissing):
        request_support(actor_of(world.admin, scopes=scopes), user_id=world.other_member.pk, **WHY)
    for act in (consent_to_support, start_support, end_support, note_support_seen):
        with pytest.raises(ScopeMissing):
            act(actor_of(world.member, scopes=scopes), access_id=access.pk)


WRONG: list[dict[str, Any]] = [
    {"minutes": 4},
    {"minutes": 241},
    {"minutes": True},
    {"minutes": "30"},
    {"reason": " "},
    {"reason": "x" * 501},
    {"reason": "a\u202eb"},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_what_cannot_be_asked(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidSupportRequest) as refused:
        world.asked(**changes)
    assert refused.value.detail["parameter"] == next(iter(changes))


def test_one_open_one_at_a_time(world: World) -> None:
    access = world.asked()
    with pytest.raises(SupportOpen) as refused:
        world.asked()
    assert refused.value.detail["access"] == str(access.pk)
    end_support(actor_of(world.admin), access_id=access.pk)
    again = world.asked()
    SupportAccess.objects.filter(pk=again.pk).update(expires_at=timezone.now())
    world.asked()  # the one that nobody has answered is over
    assert [row.end for row in SupportAccess.objects.order_by("pk")] == [SupportEnd.WITHDRAWN, SupportEnd.UNUSED, ""]


def test_so_many_in_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, whose in (("ASKED_IN_A_DAY", "administrator"), ("ASKED_ABOUT_IN_A_DAY", "person")):
        with monkeypatch.context() as patched:
            patched.setattr(support, name, SupportAccess.objects.count() + 1)
            access = world.asked()
            end_support(actor_of(world.member), access_id=access.pk)
            with pytest.raises(TooManySupportRequests) as refused:
                world.asked()
            assert refused.value.detail["whose"] == whose
            assert 0 < refused.value.detail["retry_after"] <= 86400


def test_so_many_open_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "OPEN_AT_ONCE", 1)
    world.asked()
    with pytest.raises(TooManySupportRequests):
        world.asked(person=world.other_member)


def test_who_may_agree(world: World) -> None:
    access = world.asked()
    refused: list[tuple[User, type[Exception]]] = [
        (world.admin, NotAllowed),  # who has asked
        (world.second_admin, NotAllowed),  # no policy says so
        (world.staff, NotAllowed),
        (world.other_member, SupportNotFound),
        (world.stranger, SupportNotFound),
    ]
    for person, error in refused:
        with pytest.raises(error):
            consent_to_support(actor_of(person), access_id=access.pk)
    with pytest.raises(ReauthenticationRequired):
        consent_to_support(actor_of(world.member, proved_recently=False), access_id=access.pk)
    agreed = consent_to_support(actor_of(world.owner), access_id=access.pk)
    assert (agreed.consent, agreed.consented_by_id) == ("owner", world.owner.pk)


def test_an_owner_who_asks_does_not_agree_as_owner(world: World) -> None:
    access = world.asked(world.owner)
    with pytest.raises(NotAllowed):
        consent_to_support(actor_of(world.owner), access_id=access.pk)
    assert consent_to_support(actor_of(world.second_owner), access_id=access.pk).consent == "owner"


def test_two_administrators_where_the_policy_says_so(world: World) -> None:
    access = world.asked()
    TeamPolicy.objects.create(team_id=access.team_id, support_by_two_admins=True)
    for person, error in ((world.admin, NotAllowed), (world.other_member, SupportNotFound)):
        with pytest.raises(error):
            consent_to_support(actor_of(person), access_id=access.pk)
    agreed = consent_to_support(actor_of(world.second_admin), access_id=access.pk)
    assert (agreed.consent, agreed.consented_by_id) == ("second_admin", world.second_admin.pk)
    TeamPolicy.objects.update(support_by_two_admins=False)
    with pytest.raises(NotAllowed):  # the consent was worth as much as the policy
        start_support(in_session(world.admin), access_id=access.pk)


def test_the_second_administrator_has_no_less_than_the_person(world: World) -> None:
    access = world.asked(world.owner, world.second_owner)
    TeamPolicy.objects.create(team_id=access.team_id, support_by_two_admins=True)
    with pytest.raises(NotAllowed):
        consent_to_support(actor_of(world.admin), access_id=access.pk)
    assert consent_to_support(actor_of(world.staff), access_id=access.pk).consent == "second_admin"


def test_files_may_be_changed_only_where_that_was_asked_and_agreed(world: World) -> None:
    cases = [(False, True, False), (True, False, False), (True, True, True)]
    for asked, agreed, may_write in cases:
        access = world.asked(may_write=asked)
        found = consent_to_support(actor_of(world.member), access_id=access.pk, may_write=agreed)
        assert found.may_write is may_write
        end_support(actor_of(world.member), access_id=access.pk)


def test_a_consent_is_given_once_and_used_once(world: World) -> None:
    access = world.agreed()
    with pytest.raises(SupportNotNow):
        consent_to_support(actor_of(world.member), access_id=access.pk)
    by = in_session(world.admin)
    start_support(by, access_id=access.pk)
    for again in (by, in_session(world.admin)):
        with pytest.raises(SupportNotNow) as refused:
            start_support(again, access_id=access.pk)
        assert refused.value.detail["state"] == "running"
    end_support(by, access_id=access.pk)
    for act in (consent_to_support, start_support):
        with pytest.raises((SupportNotNow, NotAllowed)):
            act(by, access_id=access.pk)
    with pytest.raises(SupportNotNow):
        consent_to_support(actor_of(world.member), access_id=access.pk)


def test_what_begins_it(world: World) -> None:
    access = world.asked()
    with pytest.raises(SupportNotNow):
        start_support(in_session(world.admin), access_id=access.pk)  # nobody has agreed
    consent_to_support(actor_of(world.member), access_id=access.pk)
    with pytest.raises(SupportNeedsSession):
        start_support(actor_of(world.admin), access_id=access.pk)  # a password
    with pytest.raises(SupportNeedsSession):
        start_support(replace(in_session(world.admin), token_id=7), access_id=access.pk)
    with pytest.raises(ReauthenticationRequired):
        start_support(replace(in_session(world.admin), proved_recently=False), access_id=access.pk)
    for person, error in ((world.second_admin, NotAllowed), (world.member, NotAllowed), (world.staff, NotAllowed)):
        with pytest.raises(error):
            start_support(in_session(person), access_id=access.pk)
    SupportAccess.objects.update(expires_at=timezone.now())
    with pytest.raises(SupportNotNow):
        start_support(in_session(world.admin), access_id=access.pk)


def test_no_two_in_one_session_and_none_within_another(world: World) -> None:
    access, by = world.running(may_write=True)
    second = world.asked(person=world.other_member)
    consent_to_support(actor_of(world.other_member), access_id=second.pk)
    with pytest.raises(SupportRunning):
        start_support(by, access_id=second.pk)
    acting = acting_as(access.pk, by)
    for act in (consent_to_support, start_support, end_support, note_support_seen):
        with pytest.raises(SupportNotAllowed):
            act(acting, access_id=second.pk)
    with pytest.raises(SupportNotAllowed):
        request_support(acting, user_id=world.other_member.pk, **WHY)


def test_another_session_or_another_person_is_not_it(world: World) -> None:
    access, by = world.running()
    for forged in (in_session(world.admin), in_session(world.second_admin), replace(by, session_key=None)):
        with pytest.raises(SupportEnded):
            acting_as(access.pk, forged)
    for access_id in (access.pk + 1, str(access.pk), None, [], {"pk": access.pk}):
        with pytest.raises(SupportEnded):
            acting_as(access_id, by)


def test_seen_by_the_person_when_it_is_over(world: World) -> None:
    access, _by = world.running()
    with pytest.raises(SupportNotNow):
        note_support_seen(actor_of(world.member), access_id=access.pk)
    end_support(actor_of(world.member), access_id=access.pk)
    for person in (world.admin, world.owner):
        with pytest.raises(NotAllowed):
            note_support_seen(actor_of(person), access_id=access.pk)
    note_support_seen(actor_of(world.member), access_id=access.pk)
    note_support_seen(actor_of(world.member), access_id=access.pk)
    assert len(events("support.seen")) == 1
