"""Upkeep by the clock."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import throttle
from accounts.models import SignInThrottle
from accounts.tasks import forget_failures, forget_sessions

pytestmark = pytest.mark.django_db


def test_old_failures_are_forgotten() -> None:
    throttle.take(throttle.PASSWORD, "a@example.com", address=None)
    SignInThrottle.objects.update(last_failure_at=timezone.now() - throttle.WINDOW - timedelta(seconds=1))
    throttle.take(throttle.PASSWORD, "b@example.com", address=None)
    assert forget_failures.delay().get() == 1
    assert SignInThrottle.objects.get().key == throttle.key_of(throttle.PASSWORD, "b@example.com")


def test_expired_sessions_are_forgotten() -> None:
    now = timezone.now()
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(days=days))
    forget_sessions.delay()
    assert [session.session_key for session in Session.objects.all()] == ["new"]
