"""Mails about shares: what is queued when something is shared, and what the job sends.

Who gets them is said where all notifications are chosen (NotificationKind.SHARE): whoever wants them at once gets this
mail in place of that of the notification (sharing/actions/audit_follower.py).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import links, outgoing_mail
from accounts.actor import Actor
from accounts.invitations import one_line
from accounts.models import Membership, User
from common.clock import now
from files.access.rights import Role
from files.models import Grant
from sharing.actions.notifications import unsubscribe_token
from sharing.models import MailChoice, NotificationKind, Share
from sharing.queries.notifications import choices_of
from sharing.roles import LABELS

DAY = timedelta(days=1)
MAILS_IN_A_DAY = 20  # to one person, and of one person to groups: what else is shared is seen in the pages
MAXIMUM_TOLD = 100  # people of a group or team; those of a larger one get the mail of the notification


def tell(actor: Actor, grant: Grant) -> None:
    """In the transaction that shares, after the row of the share: a mail to whoever has it now, but for who gives it.
    Without a mail server, or an address for its links, nothing is sent.
    """
    if not (settings.MAIL_IS_SENT and settings.LINKS_KNOWN) or _had_enough(grant):
        return
    people = [pk for pk in _people(grant) if pk != actor.user_id]
    for user_id in people:
        outgoing_mail.queue("shared", grant=grant.pk, user=user_id)
    if people:
        Share.objects.filter(grant_id=grant.pk).update(notified_at=now())


def _people(grant: Grant) -> list[int]:
    if grant.user_id is not None:
        return [grant.user_id]
    members = Membership.objects.filter(user__is_active=True, team_id=grant.space.team_id)
    if grant.group_id is not None:
        members = members.filter(user__groups_of_team__group_id=grant.group_id)
    found = list(members.order_by("pk").values_list("user_id", flat=True)[: MAXIMUM_TOLD + 1])
    return found if len(found) <= MAXIMUM_TOLD else []


def _had_enough(grant: Grant) -> bool:
    told = Share.objects.filter(notified_at__gt=now() - DAY)
    if grant.user_id is not None:
        told = told.filter(grant__user_id=grant.user_id)
    else:
        told = told.filter(grant__user=None, grant__created_by_id=grant.created_by_id)
    return told.count() >= MAILS_IN_A_DAY


def shared_messages(content: dict[str, Any]) -> Iterable[EmailMessage]:
    """For the job: nothing for a share that has ended meanwhile, nor for whoever does not want such mails at once."""
    grants = Grant.objects.select_related("node", "space", "created_by", "share").filter(pk=content["grant"])
    grant = grants.first()
    user = User.objects.filter(pk=content["user"], is_active=True).first()
    ended = grant is None or (grant.expires_at is not None and grant.expires_at <= now())
    if grant is None or ended or user is None or not settings.LINKS_KNOWN:
        return
    if choices_of([user.pk])[user.pk][NotificationKind.SHARE] != MailChoice.ONCE:
        return
    giver, beside = grant.created_by, getattr(grant, "share", None)
    stop = links.absolute(reverse("sharing:unsubscribe", args=[unsubscribe_token(user.pk, NotificationKind.SHARE)]))
    context = {
        "who": "" if giver is None else f"{one_line(giver.get_full_name())} ({giver.email})",
        "name": one_line(grant.node.name or grant.space.name),
        "is_folder": grant.node.is_folder,
        "role": LABELS[Role(grant.role)],
        "until": grant.expires_at,
        "message": "" if beside is None else beside.message,
        "link": links.absolute(f"/files/{grant.node_id}/"),
        "stop": stop,
        "site": links.site().name,
    }
    subject = one_line(render_to_string("sharing/mail/shared_subject.txt", context))
    # RFC 8058: mail programs offer this address as a button, and ask it by POST.
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    yield EmailMessage(subject, render_to_string("sharing/mail/shared.txt", context), to=[user.email], headers=headers)
