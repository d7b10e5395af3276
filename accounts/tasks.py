"""Upkeep by the clock (dropbox_clone/schedule.py)."""

from celery import shared_task
from django.core.management import call_command

from accounts import throttle


@shared_task(name="accounts.forget_failures", ignore_result=True)
def forget_failures() -> int:
    """Deletes failed sign-ins that slow nobody any more."""
    return throttle.purge()


@shared_task(name="accounts.forget_sessions", ignore_result=True)
def forget_sessions() -> None:
    """Deletes expired sessions."""
    call_command("clearsessions")
