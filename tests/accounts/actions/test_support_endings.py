"""accounts.actions.support_endings: who may end it, and what ends it by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions.support_endings import end_lapsed_support, end_signed_out_support, end_support
from accounts.actions.tokens import revoke_everything
from accounts.errors import (
    NotAllowed,
    SupportEnded,
    SupportNotFound,
)
from accounts.models import AuditEvent, Membership, Role, SupportAccess, SupportEnd, User
from accounts.support import acting_as
from tests.support.people import SYSTEM, actor_of
from tests.support.supporting import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_who_may_end_it(world: World) -> None:
    ends: list[tuple[Callable[[], User], SupportEnd, SupportEnd]] = [
        (lambda: world.member, SupportEnd.REFUSED, SupportEnd.PERSON),
        (lambda: world.admin, SupportEnd.WITHDRAWN, SupportEnd.ADMINISTRATOR),
        (lambda: world.second_owner, SupportEnd.REFUSED, SupportEnd.OWNER),
    ]
    for who, before, after in ends:
        access = world.asked()
        assert end_support(actor_of(who()), access_id=access.pk).end == before
        access, _by = world.running()
        for person, error in ((world.second_admin, NotAllowed), (world.stranger, SupportNotFound)):
            with pytest.raises(error):
                end_support(actor_of(person), access_id=access.pk)
        assert end_support(actor_of(who()), access_id=access.pk).end == after
        assert end_support(actor_of(world.member), access_id=access.pk).end == after  # twice is once


def test_what_ends_it_by_itself(world: World) -> None:
    def over() -> None:
        SupportAccess.objects.filter(ended_at=None).update(ends_at=timezone.now())

    def demoted() -> None:
        Membership.objects.filter(user=world.admin).update(role=Role.MEMBER)

    def restored() -> None:
        Membership.objects.filter(user__in=[world.admin]).update(role=Role.ADMIN)
        Membership.objects.filter(user__in=[world.member]).update(role=Role.MEMBER)
        User.objects.filter(pk=world.member.pk).update(is_active=True)

    ways: list[tuple[Callable[[], Any], SupportEnd]] = [
        (over, SupportEnd.TIME),
        (demoted, SupportEnd.RIGHT_LOST),
        (lambda: Membership.objects.filter(user=world.member).update(role=Role.OWNER), SupportEnd.RIGHT_LOST),
        (lambda: User.objects.filter(pk=world.member.pk).update(is_active=False), SupportEnd.RIGHT_LOST),
        (lambda: revoke_everything(actor_of(world.member)), SupportEnd.RIGHT_LOST),
        (lambda: revoke_everything(actor_of(world.admin)), SupportEnd.SIGN_OUT),
    ]
    for way, end in ways:
        access, by = world.running()
        assert end_lapsed_support(SYSTEM) == 0
        acting_as(access.pk, by)
        way()
        with pytest.raises(SupportEnded):
            acting_as(access.pk, by)
        assert end_lapsed_support(SYSTEM) == 1
        access.refresh_from_db()
        assert access.end == end
        event = AuditEvent.objects.filter(kind="support.end").order_by("pk").last()
        assert event is not None
        assert event.principal == "system:tests"
        restored()


def test_what_nobody_answers_ends(world: World) -> None:
    asked, agreed = world.asked(), world.agreed(person=world.other_member)
    assert end_lapsed_support(SYSTEM) == 0
    SupportAccess.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert end_lapsed_support(SYSTEM) == 2
    assert {row.end for row in SupportAccess.objects.filter(pk__in=[asked.pk, agreed.pk])} == {SupportEnd.UNUSED}
    with pytest.raises(NotAllowed):
        end_lapsed_support(actor_of(world.owner))


def test_signing_out_ends_it(world: World) -> None:
    access, _by = world.running()
    end_signed_out_support(replace(actor_of(world.other_member), scopes=frozenset()), access_id=access.pk)
    access.refresh_from_db()
    assert access.ended_at is None  # not theirs
    end_signed_out_support(replace(actor_of(world.admin), scopes=frozenset()), access_id=access.pk)
    access.refresh_from_db()
    assert access.end == SupportEnd.SIGN_OUT
