"""files.queries.shares: one person never reserves all of a team's quota; who is alone is not asked."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import QuotaAccount, User
from common.clock import now
from files.blobs.pools import writable_pool
from files.models import Space, Upload
from files.queries.shares import capped
from tests.support.people import SYSTEM, make_member
from tests.support.trees import home_of


def hold(space: Space, user: User, charged: int) -> None:
    """As an upload of which nothing has arrived; the ledger is set by the test."""
    expires_at = now() + timedelta(hours=1)
    Upload.objects.create(
        space=space, pool=writable_pool(), user=user, charged=charged, length=charged, expires_at=expires_at
    )


def test_half_of_what_is_free(user: User, actor: Actor, settings: Settings) -> None:
    home = home_of(user)
    QuotaAccount.objects.filter(team=home.team_id).update(limit_bytes=1000, uploads_bytes=600)
    hold(home, user, 600)
    assert capped(actor, home, 600) == 600  # alone
    make_member(user)
    assert capped(actor, home, 600) == 500
    assert capped(SYSTEM, home, 600) == 600
    settings.RESERVED_SHARE = 10
    assert capped(actor, home, 600) == 100
    QuotaAccount.objects.filter(team=home.team_id).update(limit_bytes=None)
    assert capped(actor, home, 600) == 600


def test_what_one_holds_already_counts(user: User, actor: Actor) -> None:
    home = home_of(user)
    make_member(user)
    QuotaAccount.objects.filter(team=home.team_id).update(limit_bytes=1000, uploads_bytes=700)
    hold(home, user, 400)
    hold(home, user, 300)  # the one that is asked about
    assert capped(actor, home, 300) == 100


@pytest.mark.parametrize("stopped", [True, False])
def test_people_who_are_stopped_are_nobody(user: User, actor: Actor, stopped: bool) -> None:
    home = home_of(user)
    member = make_member(user)
    User.objects.filter(pk=member.pk).update(is_active=not stopped)
    QuotaAccount.objects.filter(team=home.team_id).update(limit_bytes=1000, uploads_bytes=1000)
    hold(home, user, 1000)
    assert capped(actor, home, 1000) == (1000 if stopped else 500)
