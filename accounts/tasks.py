"""Upkeep by the clock (dropbox_clone/schedule.py), and the mail."""

from celery import shared_task
from django.core.cache import cache
from django.core.management import call_command

from accounts import outgoing_mail, throttle
from accounts.password_reset import reset_messages

_SENDING = "accounts:sending-mail"
_FORGOTTEN_AFTER = 180  # seconds; a run that was killed holds up the next one for no longer


@shared_task(name="accounts.forget_failures", ignore_result=True)
def forget_failures() -> int:
    """Deletes failed sign-ins that slow nobody any more."""
    return throttle.purge()


@shared_task(name="accounts.forget_sessions", ignore_result=True)
def forget_sessions() -> None:
    """Deletes expired sessions."""
    call_command("clearsessions")


@shared_task(name="accounts.send_mail", ignore_result=True)
def send_mail() -> int:
    """Sends what is due. One at a time: a mail server that does not answer must not hold every thread."""
    if not cache.add(_SENDING, 1, timeout=_FORGOTTEN_AFTER):
        return 0
    try:
        return outgoing_mail.send_due({"password_reset": reset_messages})
    finally:
        cache.delete(_SENDING)
