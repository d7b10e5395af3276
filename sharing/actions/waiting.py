"""Shares that wait for somebody: they become grants when a person with the address is in the team, and end when nobody
can come any more. What becomes of them follows from the database, so that the job may be late, or run twice.
"""

import logging

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.actor import system
from accounts.audit import record
from accounts.authentication import actor_from_user
from accounts.errors import ScopeMissing
from accounts.models import Invitation, Membership, User
from accounts.models.invitation import OPEN
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from common.errors import CodedError
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Given, Subject, give, work_on_grants
from files.models import Grant, Node
from sharing import mails
from sharing.errors import Forbidden, InvalidRequest
from sharing.models import Comment, Link, Mention, NodeTag, Reminder, Share, ShareNumber, Transfer, WaitingShare

AT_ONCE = 200
CLIENT = "waiting share"
_GIVEN_UP = (Forbidden, InvalidRequest, ScopeMissing)  # for good: who shared it may not any more
logger = logging.getLogger(__name__)


def settle_waiting() -> int:
    """For the job: grants for those who have come, and an end of what nobody can come for. Returns how many."""
    settled, last = 0, 0
    while ids := list(_come().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        for last in ids:
            try:
                settled += _redeem(last)
            except CodedError as error:  # its node is in the trash, or its space is archived
                logger.info("share %d waits on: %s", last, error.code)
    return settled + _forget(_over())


def _come() -> "QuerySet[WaitingShare]":
    """Those for whose address there is somebody in the team: by the address of their account, or since they have
    accepted an invitation to it.
    """
    members = Membership.objects.filter(team_id=OuterRef("team_id"), user__is_active=True)
    named = members.filter(user__email=OuterRef("email"))
    accepted = Invitation.objects.filter(
        team_id=OuterRef("team_id"),
        email=OuterRef("email"),
        accepted_by__is_active=True,
        accepted_by__membership__team_id=F("team_id"),
    )
    return WaitingShare.objects.filter(Exists(named) | Exists(accepted))


def _over() -> "QuerySet[WaitingShare]":
    """Whose time is over, whose node is gone, and whose invitation was declined, withdrawn or forgotten."""
    invited = Invitation.objects.filter(OPEN, team_id=OuterRef("team_id"), email=OuterRef("email"))
    node = Node.objects.filter(pk=OuterRef("node_id"))
    come = _come().filter(pk=OuterRef("pk"))
    return WaitingShare.objects.filter(Q(expires_at__lte=now()) | ~Exists(node) | (~Exists(invited) & ~Exists(come)))


def _forget(rows: "QuerySet[WaitingShare]") -> int:
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    with unit_of_work(system("waiting shares")):
        return int(WaitingShare.objects.filter(pk__in=ids).delete()[0])


def _redeem(share_id: int) -> int:
    """As an act of who has shared it, with the rights that they have now: nobody gives more than they have."""
    row = WaitingShare.objects.select_related("created_by").filter(pk=share_id).first()
    person = None if row is None else _person(row)
    giver = None if row is None else actor_from_user(row.created_by, client=CLIENT)
    if row is None or person is None:
        return 0
    if giver is None:
        return _give_up(row, "account_stopped")
    try:
        with work_on_grants(giver, row.node_id) as (work, place):
            if WaitingShare.objects.filter(pk=share_id).delete()[0] == 0:
                return 0  # it has been taken back
            if Grant.objects.filter(node_id=place.node.pk, user_id=person).exists():
                return 1  # they have got it otherwise
            given = Given(Role(row.role), row.can_download, row.expires_at, row.can_share)
            grant = give(work, place, Subject(SubjectKind.USER, person), given, grant_id=share_id)
            Share.objects.create(grant=grant, message=row.message, created_by_id=work.actor.user_id)
            mails.tell(work.actor, grant)
    except _GIVEN_UP as error:
        return _give_up(row, error.code)
    return 1


def _give_up(row: WaitingShare, code: str) -> int:
    with unit_of_work(system("waiting shares")) as actor:
        record(actor, "share.given_up", "", of_team=row.team_id, share=row.pk, node=row.node_id, why=code)
        return int(WaitingShare.objects.filter(pk=row.pk).delete()[0])


def _person(row: WaitingShare) -> int | None:
    members = Membership.objects.filter(team_id=row.team_id, user__is_active=True)
    accepted = Invitation.objects.filter(team_id=row.team_id, email=row.email, accepted_by__isnull=False)
    found = members.filter(Q(user__email=row.email) | Q(user_id__in=accepted.values("accepted_by_id")))
    return found.order_by("-user_id").values_list("user_id", flat=True).first()


def forget_gone(*, limit: int = 1_000) -> int:
    """For the job: what was kept beside grants that were removed together with their nodes, numbers of shares and
    links that are gone, and of nodes that are gone offers, comments, tags and reminders (the release before purges
    without them). Returns how many.
    """
    grants = Grant.objects.filter(pk=OuterRef("grant_id"))
    of_share = {"pk": OuterRef("share_id")}
    there = Exists(Grant.objects.filter(**of_share)) | Exists(WaitingShare.objects.filter(**of_share))
    numbers = ShareNumber.objects.filter(~there, ~Exists(Link.objects.filter(**of_share)))
    with unit_of_work(system("waiting shares")):
        removed = 0
        gone = ~Exists(Node.objects.filter(pk=OuterRef("node_id")))
        of_nodes = [model._default_manager.filter(gone) for model in (Transfer, Comment, Reminder, NodeTag)]
        for rows in (Share.objects.filter(~Exists(grants)), numbers, *of_nodes):
            ids = list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
            removed += int(rows.model.objects.filter(pk__in=ids).delete()[0]) if ids else 0
        return removed


def forget_person(user_id: int) -> None:
    """When an account is deleted (settings.DELETED_ACCOUNT_HOOKS): what waits for them or by them, and what they wrote.
    Grants stay as they are: nobody signs in as them any more, and what they gave is others' to use. So do comments,
    which become those of a former member.
    """
    with unit_of_work(system("account deletion"), Lock(User, user_id)):
        email = User.objects.filter(pk=user_id).values_list("email", flat=True).first() or ""
        WaitingShare.objects.filter(Q(created_by_id=user_id) | Q(email=email)).delete()
        Share.objects.filter(created_by_id=user_id).update(message="", created_by=None)
        Transfer.objects.filter(Q(giver_id=user_id) | Q(receiver_id=user_id)).delete()
        Comment.objects.filter(author_id=user_id).update(author=None)
        Mention.objects.filter(user_id=user_id).delete()
        Reminder.objects.filter(user_id=user_id).delete()
        NodeTag.objects.filter(created_by_id=user_id).update(created_by=None)
