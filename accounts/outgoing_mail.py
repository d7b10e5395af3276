"""Mail goes out by jobs: no request waits for a mail server, fails with it, or tells by its time what was sent.

A request leaves a row, in its transaction. What is in it is sealed (secret_box.py), since links in mails are secrets
for some days. The job that sends is started by the clock, every few seconds, and there is one at a time: a mail server
that does not answer holds one thread of a worker and not all of them.
"""

import json
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.secret_box import secret_box

logger = logging.getLogger(__name__)

GIVEN_UP_AFTER = timedelta(hours=24)
LEASE = timedelta(minutes=5)  # for whoever has taken one to send it
LONGEST_RUN = timedelta(seconds=60)  # what is left then is for the next one
AT_ONCE = 100  # looked at
LONGEST_BACK_OFF = 3600  # seconds

Renderer = Callable[[dict[str, Any]], Iterable[EmailMessage]]


def queue_message(message: EmailMessage) -> None:
    """To be sent as it is."""
    html = [part[0] for part in message.alternatives] if isinstance(message, EmailMultiAlternatives) else []
    queue(
        "message",
        subject=message.subject,
        body=message.body,
        html=str(html[0]) if html else "",
        sender=message.from_email,
        to=list(message.to),
        headers=dict(message.extra_headers),
    )


def queue(kind: str, **content: Any) -> None:
    """`kind` says who makes a message of the content, when it is sent. In the caller's transaction."""
    if not settings.MAIL_IS_SENT:
        # Not even to the log: a link in it would be good for whoever reads logs.
        logger.warning("A mail (%s) was not sent: EMAIL_URL names no mail server.", kind)
        return
    OutgoingMail.objects.create(sealed=seal({"kind": kind, **content}), due_at=timezone.now())


def seal(content: dict[str, Any]) -> str:
    return secret_box().encrypt(json.dumps(content).encode()).decode()


def send_due(renderers: dict[str, Renderer]) -> int:
    """Sends what is due, oldest first; returns how many were sent. Ends at the first sign that the server is away."""
    sent, end = 0, timezone.now() + LONGEST_RUN
    connection: BaseEmailBackend = get_connection()
    try:
        while timezone.now() < end:
            mail = _take_one()
            if mail is None or not _send(mail, connection, renderers):
                break
            sent += 1
    finally:
        connection.close()
    return sent


def _take_one() -> OutgoingMail | None:
    """By a conditional update, so that of two senders one gets it. Whoever dies with it gives it back after LEASE."""
    for mail in OutgoingMail.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")[:AT_ONCE]:
        taken = OutgoingMail.objects.filter(pk=mail.pk, due_at=mail.due_at)
        if taken.update(due_at=timezone.now() + LEASE, attempts=mail.attempts + 1):
            mail.attempts += 1
            return mail
    return None


def _send(mail: OutgoingMail, connection: BaseEmailBackend, renderers: dict[str, Renderer]) -> bool:
    """Whether to go on with the next one."""
    try:
        content = json.loads(secret_box().decrypt(mail.sealed.encode()))
    except InvalidToken:
        return _give_up(mail, "it was sealed with another SECRET_KEY")
    try:
        messages = list({"message": _as_it_is, **renderers}[content.pop("kind")](content))
        connection.send_messages(messages)
    except SMTPRecipientsRefused:
        return _give_up(mail, "the mail server refuses the recipient")
    except Exception as error:  # of the mail server, of the network, of a template: the mail stays
        return _try_again_later(mail, error)
    mail.delete()
    return True


def _as_it_is(content: dict[str, Any]) -> Iterable[EmailMessage]:
    message = EmailMultiAlternatives(
        content["subject"], content["body"], content["sender"], content["to"], headers=content["headers"]
    )
    if content["html"]:
        message.attach_alternative(content["html"], "text/html")
    return [message]


def _give_up(mail: OutgoingMail, why: str) -> bool:
    logger.error("Mail %d of %s was given up: %s.", mail.pk, mail.created_at.isoformat(timespec="seconds"), why)
    mail.delete()
    return True


def _try_again_later(mail: OutgoingMail, error: Exception) -> bool:
    """The text of an error may repeat an address, or what was said to the server: only its kind is logged."""
    if timezone.now() - mail.created_at > GIVEN_UP_AFTER:
        return _give_up(mail, type(error).__name__)
    delay = timedelta(seconds=min(15 * 2 ** min(mail.attempts, 10), LONGEST_BACK_OFF))
    OutgoingMail.objects.filter(pk=mail.pk).update(due_at=timezone.now() + delay)
    logger.warning("A mail was not sent (%s); it is tried again in %d s.", type(error).__name__, delay.seconds)
    return False
