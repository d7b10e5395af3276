"""Mails as the job sends them, and the secrets of the links in them."""

import re
from collections.abc import Sequence

from django.core import mail
from django.core.mail import EmailMessage

from accounts.tasks import send_mail

_LINK = re.compile(r"/accounts/invitation/([0-9A-Za-z]+)/")


def sent_mails(to: str | None = None) -> Sequence[EmailMessage]:
    """All so far, after the job has run; of one address."""
    send_mail()
    return [message for message in mail.outbox if to is None or message.to == [to]]


def invitation_secret(email: str) -> str:
    """In the last mail to this address that invites."""
    secrets = [found[1] for message in sent_mails(email) if (found := _LINK.search(str(message.body)))]
    return secrets[-1]
