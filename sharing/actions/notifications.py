"""Reading notifications, and choosing which of them are mailed."""

from collections.abc import Mapping, Sequence

from django.core import signing
from django.utils.translation import gettext_lazy as _

from accounts.actor import WRITE, Actor
from accounts.errors import NotAuthenticated
from accounts.models import User
from accounts.permissions import require_scope
from accounts.unit_of_work import unit_of_work
from common.clock import now
from common.ids import is_id
from http_kit.errors import InvalidRequest
from sharing.models import MailChoice, Notification, NotificationKind, NotificationPreference
from sharing.queries.notifications import choices_of

EVERY_DIGEST = "digest"  # what a link of a digest ends: that all kinds are in it
_SALT = "sharing.unsubscribe"


def mark_read(actor: Actor, *, notification_ids: Sequence[int] | None = None) -> int:
    """These, or all of the actor's; returns how many were unread. What is not theirs is left out. Raises
    ScopeMissing.
    """
    with unit_of_work(actor) as actor:
        user_id = _own_id(actor)
        rows = Notification.objects.filter(user_id=user_id, read_at=None)
        if notification_ids is not None:
            rows = rows.filter(pk__in=[pk for pk in notification_ids if is_id(pk)])
        return rows.update(read_at=now(), mail=MailChoice.OFF)


def set_preferences(actor: Actor, *, mails: Mapping[NotificationKind, MailChoice]) -> None:
    """When these kinds are mailed from now on. Raises ScopeMissing."""
    with unit_of_work(actor) as actor:
        user_id = _own_id(actor)
        for kind, mail in mails.items():
            _set(user_id, kind, mail)


def _own_id(actor: Actor) -> int:
    require_scope(actor, WRITE)
    if not actor.user_id:
        raise NotAuthenticated
    return actor.user_id


def _set(user_id: int, kind: NotificationKind, mail: MailChoice) -> None:
    """What waits to be mailed is no longer, when the person does not want it."""
    NotificationPreference.objects.update_or_create(user_id=user_id, kind=kind, defaults={"mail": mail})
    waiting = Notification.objects.filter(user_id=user_id, kind=kind).exclude(mail=MailChoice.OFF)
    waiting.update(mail=mail)


def unsubscribe_token(user_id: int, what: str) -> str:
    """For the link in a mail: it ends mails of one kind, or the digest (EVERY_DIGEST), and nothing else."""
    return signing.dumps([user_id, what], salt=_SALT)


def subscription_of(token: str) -> tuple[int, str]:
    """Whose it is, and of what. Raises InvalidRequest."""
    try:
        user_id, what = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise InvalidRequest(_("This link is not valid any more. Sign in to choose what is mailed to you.")) from error
    if what != EVERY_DIGEST and what not in NotificationKind.values:
        raise InvalidRequest(_("This link is not valid any more. Sign in to choose what is mailed to you."))
    return int(user_id), str(what)


def unsubscribe(*, token: str) -> str:
    """Ends the mails that the token names; it is the right to do so, and needs no sign-in. Returns what has ended.
    Again, it changes nothing. Raises InvalidRequest.
    """
    user_id, what = subscription_of(token)
    with unit_of_work(Actor()):
        if not User.objects.filter(pk=user_id, is_active=True).exists():
            return what
        if what != EVERY_DIGEST:
            _set(user_id, NotificationKind(what), MailChoice.OFF)
            return what
        for kind in _in_digest(user_id):
            _set(user_id, kind, MailChoice.OFF)
    return what


def _in_digest(user_id: int) -> list[NotificationKind]:
    return [kind for kind, mail in choices_of([user_id])[user_id].items() if mail == MailChoice.DIGEST]
