"""Large copies of an actor, and how far they are."""

import uuid

from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.permissions import require_scope
from files import errors
from files.models import CopyJob


def list_copies(actor: Actor) -> "QuerySet[CopyJob]":
    """Those that run, and those of the last days; latest first."""
    require_scope(actor, "read")
    return CopyJob.objects.filter(user_id=actor.user_id or 0).order_by("-created_at", "-pk")


def get_copy(actor: Actor, copy_id: uuid.UUID) -> CopyJob:
    """The actor's own, for whoever wants to read it. Raises NotFound."""
    require_scope(actor, "read")
    return own_copy(actor, copy_id)


def own_copy(actor: Actor, copy_id: uuid.UUID) -> CopyJob:
    """For actions, which ask for the scope that they need. Raises NotFound."""
    found = CopyJob.objects.filter(user_id=actor.user_id or 0, pk=copy_id).first()
    if found is None:
        raise errors.NotFound
    return found
