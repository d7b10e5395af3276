"""Sharing a file or folder: with a person, a group or the team, or with an address that nobody in the team has yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from types import EllipsisType
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import invitations
from accounts.actor import SHARE, Actor
from accounts.audit import record
from accounts.models import Invitation, Team
from accounts.models import Role as TeamRole
from accounts.models.invitation import open_now
from accounts.names import clean_email
from accounts.permissions import TEAM_MANAGERS, require_recent_proof, require_scope, require_team_manager
from accounts.teams import managing
from common.clock import now
from common.ids import is_id
from files.access.explain import SubjectKind
from files.access.rights import Right, Role
from files.actions.grants import (
    Given,
    Subject,
    give,
    mark_shared,
    require_may_give,
    require_room,
    take,
    work_on_grant,
    work_on_grants,
)
from files.errors import Busy
from files.models import Grant, SpaceKind
from files.queries.tree import LocatedNode, locate
from files.tree.unit_of_work import SpaceUnitOfWork
from sharing import mails
from sharing.errors import AlreadyShared, InvalidRequest, NotFound, NotInTeam
from sharing.models import MAXIMUM_MESSAGE, Share, WaitingShare
from sharing.queries.people import person_in_team


@dataclass(frozen=True, slots=True)
class Changed:
    """What of a share becomes something else: None, and `...` for the end, is nothing."""

    role: Role | None = None
    can_download: bool | None = None
    can_share: bool | None = None
    expires_at: "datetime | EllipsisType | None" = ...


def share(
    actor: Actor, *, node_id: int, to: Subject | str, given: Given, message: str = "", notify: bool = True
) -> int:
    """The id of the share, which is that of its grant. `to` may be an e-mail address. Whoever has it is told by mail.

    An address of nobody in the team is invited into it, by those who may invite, and the share waits for them. Raises
    NotFound, Forbidden, ScopeMissing, SubjectNotFound, RootIsFixed (a whole home), AlreadyShared, TooMany,
    InvalidRequest; of an address also InvalidEmail, NotInTeam, and what inviting raises.
    """
    message = _clean(message)
    if isinstance(to, str):
        email, place = clean_email(to), _to_be_shared(actor, node_id)
        person = person_in_team(place.space.team_id, email)
        if person is None:
            return _wait(actor, place, email, given, message)
        to = Subject(SubjectKind.USER, person)
    with work_on_grants(actor, node_id) as (work, place):
        require_may_give(work, place, given)
        _refuse_owner(place, to)
        _refuse_second(place, to)
        grant = give(work, place, to, given)
        Share.objects.create(grant=grant, message=message, created_by_id=work.actor.user_id, is_quiet=not notify)
        if notify:
            mails.tell(work.actor, grant)
    return grant.pk


def change_share(
    actor: Actor,
    *,
    share_id: int,
    role: Role | None = None,
    can_download: bool | None = None,
    can_share: bool | None = None,
    expires_at: "datetime | EllipsisType | None" = ...,
    message: str | None = None,
) -> None:
    """What is None stays as it is; so does the end, for `...`. For who has made it, and who manages the node. Raises
    NotFound, Forbidden, ScopeMissing, LastManager, InvalidRequest.
    """
    message = None if message is None else _clean(message)
    if _is_waiting(share_id):
        with _work_on_waiting(actor, share_id) as (work, place, row):
            given = _given(row, Changed(role, can_download, can_share, expires_at))
            require_may_give(work, place, given)
            row.role, row.can_download, row.can_share = given.role, given.can_download, given.keeps_share
            row.expires_at, row.message = given.expires_at, row.message if message is None else message
            row.save(update_fields=["role", "can_download", "can_share", "expires_at", "message"])
            _record(work, place, "share.change", row)
        return
    with work_on_grant(actor, share_id) as (work, place, grant):
        if grant.link_id is not None:
            raise NotFound(id=share_id)
        give(work, place, subject_of(grant), _given(grant, Changed(role, can_download, can_share, expires_at)))
        if message is not None:
            values = {"message": message, "created_by_id": work.actor.user_id}
            Share.objects.update_or_create(grant_id=grant.pk, defaults=values)


def end_share(actor: Actor, *, share_id: int) -> None:
    """At once, in everything that is under way. For who has made it, who manages the node, and who has received it
    themselves. Raises NotFound, Forbidden, ScopeMissing, LastManager.
    """
    if _is_waiting(share_id):
        with _work_on_waiting(actor, share_id) as (work, place, row):
            _record(work, place, "share.end", row)
            row.delete()
        return
    with work_on_grant(actor, share_id) as (work, place, grant):
        if grant.link_id is not None:
            raise NotFound(id=share_id)
        take(work, place, grant)


def subject_of(grant: Grant) -> Subject:
    """Of a grant that is no link's."""
    if grant.user_id is not None:
        return Subject(SubjectKind.USER, grant.user_id)
    if grant.group_id is not None:
        return Subject(SubjectKind.GROUP, grant.group_id)
    return Subject(SubjectKind.TEAM, grant.team_id or 0)


def _to_be_shared(actor: Actor, node_id: int) -> LocatedNode:
    """Who may not share it learns nothing of who is in the team."""
    require_scope(actor, SHARE)
    place = locate(actor, node_id).entered
    place.require(Right.SHARE)
    return place


def _wait(actor: Actor, found: LocatedNode, email: str, given: Given, message: str) -> int:
    """Under the lock of the team, which decides who is in it, and then that of the space."""
    team_id = found.space.team_id
    if not _is_invited(team_id, email):
        _require_may_invite(actor, team_id)
        invitations.require_mail()
    with managing(actor, team_id) as acting, work_on_grants(acting, found.node.pk) as (work, place):
        require_may_give(work, place, given)
        if place.space.team_id != team_id or person_in_team(team_id, email) is not None:
            raise Busy  # they came, or it went, at this very moment
        waiting = WaitingShare.objects.filter(node_id=place.node.pk)
        for earlier in waiting.filter(email=email)[:1]:
            raise AlreadyShared(share=str(earlier.pk))
        require_room(place.node.pk, more=waiting.count())
        if not _is_invited(team_id, email):
            _require_may_invite(work.actor, team_id)
            team = Team.objects.get(pk=team_id)
            about = place.node.name or place.space.name
            invitations.make(work.actor, team=team, email=email, role=TeamRole.MEMBER, about=about, words=message)
        row = WaitingShare.objects.create(
            node_id=place.node.pk,
            team_id=team_id,
            email=email,
            role=given.role,
            can_download=given.can_download,
            can_share=given.keeps_share,
            expires_at=given.expires_at,
            message=message,
            created_by_id=work.actor.user_id or 0,
        )
        mark_shared(place.space)
        _record(work, place, "share.wait", row)
    return row.pk


def _is_invited(team_id: int, email: str) -> bool:
    return open_now(Invitation.objects.filter(team_id=team_id, email=email)).exists()


def _require_may_invite(actor: Actor, team_id: int) -> None:
    if actor.team_id != team_id or actor.role not in TEAM_MANAGERS:
        raise NotInTeam
    require_team_manager(actor, team_id)
    require_recent_proof(actor)


def _is_waiting(share_id: int) -> bool:
    return WaitingShare.objects.filter(pk=share_id if is_id(share_id) else 0).exists()


@contextmanager
def _work_on_waiting(actor: Actor, share_id: int) -> Iterator[tuple[SpaceUnitOfWork, LocatedNode, WaitingShare]]:
    """One that waits, under the lock of the space, for who may change it. Which node it is on is not told to others."""
    found = WaitingShare.objects.filter(pk=share_id).first()
    if found is None:
        raise NotFound(id=share_id)
    try:
        with work_on_grants(actor, found.node_id) as (work, place):
            row = WaitingShare.objects.filter(pk=share_id).first()
            if row is None:
                raise NotFound(id=share_id)
            if row.created_by_id != work.actor.user_id:
                place.require(Right.MANAGE)
            place.require(Right.SHARE)
            yield work, place, row
    except NotFound as error:
        raise NotFound(id=share_id) from error


def _given(row: Grant | WaitingShare, changed: Changed) -> Given:
    given = Given(Role(row.role), row.can_download, row.expires_at, row.can_share)
    if changed.role is not None:
        # Another role comes with what it has: what was taken from an editor is no word about a manager.
        given = replace(given, role=changed.role)
    if changed.can_download is not None:
        given = replace(given, can_download=changed.can_download)
    if changed.can_share is not None:
        given = replace(given, can_share=changed.can_share)
    return given if isinstance(changed.expires_at, EllipsisType) else replace(given, expires_at=changed.expires_at)


def _refuse_owner(place: LocatedNode, subject: Subject) -> None:
    owner_id = place.space.owner_id if place.space.kind == SpaceKind.HOME else None
    if subject.kind is SubjectKind.USER and owner_id is not None and subject.id == owner_id:
        raise InvalidRequest(_("It is theirs already."), parameter="grantee")


def _refuse_second(place: LocatedNode, subject: Subject) -> None:
    """One share of a node with somebody. One that has ended makes room."""
    there = Grant.objects.filter(node_id=place.node.pk, **{subject.column: subject.id})
    there.filter(expires_at__lte=now()).delete()
    for earlier in there[:1]:
        raise AlreadyShared(share=str(earlier.pk))


def _clean(message: str) -> str:
    message = message.strip()
    if len(message) > MAXIMUM_MESSAGE:
        text = _("A message has at most %(limit)d characters.")
        raise InvalidRequest(text, parameter="message", limit=MAXIMUM_MESSAGE)
    if "\0" in message:
        raise InvalidRequest(parameter="message")
    return message


def _record(work: SpaceUnitOfWork, place: LocatedNode, kind: str, row: WaitingShare) -> None:
    detail: dict[str, Any] = {"node": place.node.pk, "share": row.pk, "email": row.email, "role": row.role}
    record(work.actor, kind, place.path, by_grant=place.access.nearest_grant, **detail)
