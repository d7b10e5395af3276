"""sharing.actions.quota_notices: storage that is nearly full is told once a week."""

from datetime import timedelta

import pytest

from accounts.models import QuotaAccount, User
from common.clock import now
from sharing.actions.quota_notices import tell_of_quotas
from sharing.models import Notification
from sharing.queries.notification_texts import text_of
from tests.support.people import make_member

pytestmark = pytest.mark.django_db


def texts(user: User) -> list[str]:
    return [text_of(row) for row in Notification.objects.filter(user=user).order_by("pk")]


def test_people_and_those_who_manage_a_team(user: User, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    user.membership.team.seats = 5
    user.membership.team.save()
    member = make_member(user)
    QuotaAccount.objects.filter(user=user).update(limit_bytes=100, live_bytes=60, versions_bytes=33)
    QuotaAccount.objects.filter(user=stranger).update(limit_bytes=100, live_bytes=89)
    QuotaAccount.objects.filter(team=user.membership.team).update(limit_bytes=1000, trash_bytes=1000)
    QuotaAccount.objects.filter(user=member).update(limit_bytes=0)
    assert tell_of_quotas() == 2
    assert sorted(texts(user)) == ["The storage of your team is 100 % full", "Your storage is 93 % full"]
    assert (texts(stranger), texts(member)) == ([], [])
    assert tell_of_quotas() == 0
    later = now() + timedelta(days=8)
    monkeypatch.setattr("sharing.actions.quota_notices.now", lambda: later)
    assert tell_of_quotas() == 2
