"""Uploads of an actor, and what has arrived of them."""

import uuid

from django.db.models import Q, QuerySet, Sum

from accounts.actor import WRITE, Actor
from accounts.models import Role
from accounts.permissions import require_scope
from common.clock import now
from files import errors
from files.access.compute import SpaceAccess, facts_of
from files.access.spaces import require_manage_own_team
from files.models import Upload, UploadPiece
from files.models.upload import MOUNTED_FILE
from files.queries.tree import locate


def get_upload(
    actor: Actor, upload_id: uuid.UUID | str, *, protocol: str | None = None, lock: bool = False, to_end: bool = False
) -> Upload:
    """The actor's own upload (of a link, that of its visitors), finished ones too until they expire. UploadNotFound
    otherwise.

    SpaceArchived where its space takes nothing any more: `to_end` is for who gives it up.
    """
    key = id_of_upload(upload_id)
    rows = Upload.objects.select_related("space__team", "space__quota", "pool").filter(pk=key, expires_at__gt=now())
    if protocol is not None:
        rows = rows.filter(protocol=protocol)
    if lock:
        rows = rows.select_for_update(of=("self",))
    upload = rows.first()
    if upload is None or not (actor.is_system or is_of(upload, actor)):
        raise errors.UploadNotFound
    _require_write(actor, upload)
    if upload.space.archived_at is not None and not (to_end or actor.is_system):
        raise errors.SpaceArchived
    return upload


def is_of(upload: Upload, actor: Actor) -> bool:
    """Whether it is the actor's: a person's, or a link's. What nobody began is nobody's."""
    if upload.link_id is not None:
        return upload.link_id == actor.link_id
    return upload.user_id is not None and upload.user_id == actor.user_id


def uploads_of(actor: Actor) -> "QuerySet[Upload]":
    """All of these."""
    if actor.link_id is not None:
        return Upload.objects.filter(link_id=actor.link_id)
    return Upload.objects.filter(user_id=actor.user_id or 0)


def _require_write(actor: Actor, upload: Upload) -> None:
    """Something in the space, at least: where its file may go is asked when it goes there. A mounted file that it was
    begun for may be in another one by now.
    """
    require_scope(actor, WRITE)
    if SpaceAccess(actor, facts_of(upload.space)).has_any(upload.space.root_id or 0):
        return
    if MOUNTED_FILE not in upload.metadata:
        raise errors.NotFound
    locate(actor, upload.metadata[MOUNTED_FILE])


def id_of_upload(text: uuid.UUID | str) -> uuid.UUID:
    """Raises UploadNotFound for what can be none."""
    try:
        return text if isinstance(text, uuid.UUID) else uuid.UUID(text)
    except ValueError as error:
        raise errors.UploadNotFound from error


def get_named_upload(actor: Actor, name: str, *, protocol: str) -> Upload:
    """By what the client calls it; of two of a name (the first is finished) the last. UploadNotFound otherwise."""
    rows = uploads_of(actor).filter(protocol=protocol, name=name, expires_at__gt=now())
    found = rows.order_by("-created_at", "pk").values_list("pk", flat=True).first() if name else None
    if found is None:
        raise errors.UploadNotFound
    return get_upload(actor, found, protocol=protocol)


def list_uploads(actor: Actor, *, protocol: str | None = None) -> "QuerySet[Upload]":
    """Unfinished uploads, latest first, each with `received` bytes (None: nothing yet)."""
    require_scope(actor, "write")
    if actor.user_id is None:
        return Upload.objects.none()
    rows = Upload.objects.filter(user_id=actor.user_id, finished_at=None, expires_at__gt=now())
    if protocol is not None:
        rows = rows.filter(protocol=protocol)
    return rows.annotate(received=Sum("pieces__length")).order_by("-created_at", "pk")


def list_reservations(actor: Actor, *, of_team: bool = False) -> "QuerySet[Upload]":
    """Unfinished uploads of every endpoint and requests in hand, each with `received` bytes (None: nothing yet): the
    actor's, or those of everybody in the team that they manage.
    """
    if of_team:
        require_manage_own_team(actor)
        mine = Q(space__team_id=actor.team_id)
    else:
        require_scope(actor, "write")
        mine = Q(user_id=actor.user_id or 0)
    rows = Upload.objects.select_related("space", "user").filter(mine, finished_at=None, expires_at__gt=now())
    return rows.annotate(received=Sum("pieces__length")).order_by("-created_at", "pk")


def get_reservation(actor: Actor, upload_id: uuid.UUID) -> Upload:
    """One of these. Raises UploadNotFound, and ScopeMissing where it is another's."""
    rows = Upload.objects.select_related("space").filter(pk=upload_id, finished_at=None, expires_at__gt=now())
    upload = rows.first()
    if upload is None or not (is_of(upload, actor) or _manages(actor, upload.space.team_id)):
        raise errors.UploadNotFound
    require_scope(actor, "write" if is_of(upload, actor) else "admin")
    return upload


def _manages(actor: Actor, team_id: int) -> bool:
    return actor.team_id == team_id and actor.role in (Role.OWNER, Role.ADMIN)


def pieces_of(upload: Upload) -> list[UploadPiece]:
    return list(upload.pieces.select_related("blob__pool").order_by("offset"))


def contiguous(pieces: list[UploadPiece]) -> int:
    """How many bytes from the start on are there without a gap: where a sequential client goes on."""
    offset = 0
    for piece in pieces:
        if piece.offset != offset:
            break
        offset += piece.length
    return offset


def missing_ranges(pieces: list[UploadPiece], length: int) -> list[list[int]]:
    """`[offset, length]` of what has not arrived."""
    gaps, offset = [], 0
    for piece in pieces:
        if piece.offset > offset:
            gaps.append([offset, piece.offset - offset])
        offset = piece.offset + piece.length
    if offset < length:
        gaps.append([offset, length - offset])
    return gaps
