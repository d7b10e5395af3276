"""Upkeep by the clock (dropbox_clone/schedule.py), and the mail."""

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils.module_loading import import_string

from accounts import invitations, notices, outgoing_mail, support_mails, throttle
from accounts.actions.administer_account import delete_removed_accounts
from accounts.actions.support_endings import end_lapsed_support
from accounts.actor import system
from accounts.chain.sealing import seal_pending
from accounts.password_forms import reset_messages

RENDERERS: dict[str, outgoing_mail.Renderer] = {
    "password_reset": reset_messages,
    "invitation": invitations.invitation_messages,
    "welcome": invitations.welcome_messages,
    "support": support_mails.support_messages,
    "taken_back": notices.taken_back_messages,
}


def renderers() -> dict[str, outgoing_mail.Renderer]:
    """Those, and what other apps send (settings.MAIL_RENDERERS)."""
    return RENDERERS | {kind: import_string(path) for kind, path in settings.MAIL_RENDERERS.items()}


_SEALING = "accounts:sealing-audit"
_SEALING_SECONDS = 20.0  # of one run
_SENDING = "accounts:sending-mail"
_DELETING = "accounts:deleting-removed"
_DELETING_FORGOTTEN_AFTER = 3600
_FORGOTTEN_AFTER = 180  # seconds; a run that was killed holds up the next one for no longer


@shared_task(name="accounts.seal_audit", ignore_result=True)
def seal_audit() -> int:
    """Puts what was done into the chain of the audit record, and anchors it. Two at a time would only wait for one
    another. Raises ChainBroken when the chain is not as it was left."""
    if not cache.add(_SEALING, 1, timeout=_FORGOTTEN_AFTER):
        return 0
    try:
        return seal_pending(seconds=_SEALING_SECONDS)
    finally:
        cache.delete(_SEALING)


@shared_task(name="accounts.forget_failures", ignore_result=True)
def forget_failures() -> int:
    """Deletes failed sign-ins that slow nobody any more."""
    return throttle.purge()


@shared_task(name="accounts.forget_sessions", ignore_result=True)
def forget_sessions() -> None:
    """Deletes expired sessions."""
    call_command("clearsessions")


@shared_task(name="accounts.forget_invitations", ignore_result=True)
def forget_invitations() -> int:
    """Deletes invitations that are long over, and the counts of their mails."""
    return invitations.forget_old()


@shared_task(name="accounts.delete_removed", ignore_result=True)
def delete_removed() -> int:
    """Deletes the accounts of those who were removed from their team ACCOUNT_DELETION_GRACE ago. One at a time."""
    if not cache.add(_DELETING, 1, timeout=_DELETING_FORGOTTEN_AFTER):
        return 0
    try:
        return delete_removed_accounts(system("deletion of accounts"))
    finally:
        cache.delete(_DELETING)


@shared_task(name="accounts.end_support", ignore_result=True)
def end_support() -> int:
    """Ends support accesses whose time is over, whose administrator may not any more or has signed out, and requests
    that nobody has answered.
    """
    return end_lapsed_support(system("support"))


@shared_task(name="accounts.send_mail", ignore_result=True)
def send_mail() -> int:
    """Sends what is due. One at a time: a mail server that does not answer must not hold every thread."""
    if not cache.add(_SENDING, 1, timeout=_FORGOTTEN_AFTER):
        return 0
    try:
        return outgoing_mail.send_due(renderers())
    finally:
        cache.delete(_SENDING)
