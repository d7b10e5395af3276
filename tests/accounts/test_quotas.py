"""The ledger of what accounts and teams hold."""

import pytest
from django.db import transaction

from accounts.actions.teams import change_quota
from accounts.errors import AccountError, QuotaExceeded
from accounts.models import QuotaAccount
from accounts.quotas import Charge, charge, check
from tests.support.people import SYSTEM, make_user
from tests.support.threads import at_once


@pytest.mark.django_db
def test_a_limit_below_what_is_used_refuses_only_growth() -> None:
    user = make_user(quota_bytes=100)
    ids = [user.quota.pk]
    with transaction.atomic():
        charge(ids, Charge(live=80))
    change_quota(SYSTEM, user_id=user.pk, limit_bytes=50)
    with pytest.raises(QuotaExceeded) as caught, transaction.atomic():
        charge(ids, Charge(live=1))
    assert caught.value.detail == {"whose": "account", "needed": 1, "free": 0}
    with transaction.atomic():
        charge(ids, Charge(live=-30, trash=30))
        charge(ids, Charge(trash=-20))
    user.quota.refresh_from_db()
    assert user.quota.used_bytes == 60


@pytest.mark.django_db
def test_of_a_space_it_is_not_told_what_is_free() -> None:
    """Who may write there may not see all that is in it (decision 40)."""
    account = QuotaAccount.objects.create(space_id=1, limit_bytes=10)
    for refused in (lambda: charge([account.pk], Charge(live=11)), lambda: check([account.pk], 11)):
        with pytest.raises(QuotaExceeded) as caught, transaction.atomic():
            refused()
        assert caught.value.detail == {"whose": "space", "needed": 11}


@pytest.mark.django_db(transaction=True)
def test_a_quota_is_never_passed() -> None:
    user = make_user(quota_bytes=100)
    ids = [user.quota.pk, user.membership.team.quota.pk]

    def write() -> None:
        for _ in range(10):
            with transaction.atomic():
                charge(ids, Charge(live=7))

    at_once(*[write for _ in range(4)], expected=AccountError)
    user.quota.refresh_from_db()
    assert user.quota.live_bytes == 98
    assert QuotaAccount.objects.get(pk=ids[1]).live_bytes == 98
