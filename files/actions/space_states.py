"""What becomes of a team's space: a limit of its own, archived, deleted, back again, purged."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import quotas
from accounts.actions.create_account import clean_quota
from accounts.actor import ADMIN, Actor
from accounts.audit import record
from accounts.models import QuotaAccount
from accounts.permissions import require_scope
from common.clock import now
from common.ids import is_id
from files import errors
from files.access.rights import Right
from files.access.spaces import require_manage_team
from files.actions.clear_home import clear
from files.actions.mounts import ask_for_mounts
from files.actions.spaces import require_free_name, take_name
from files.models import Brake, Grant, Space, SpaceKind, Upload
from files.queries.usage import lines_of_space
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work


def set_archived(work: SpaceUnitOfWork, *, archived: bool) -> None:
    """Under the lock of the space, by who may. Everybody who could read it still can; nobody changes anything in it.

    What is under way is refused when it ends. Trash and earlier versions go with age as everywhere.
    """
    if archived == (work.space.archived_at is not None):
        return
    work.space.archived_at = work.at if archived else None
    Space.objects.filter(pk=work.space.pk).update(archived_at=work.space.archived_at)
    kind = "space.archive" if archived else "space.unarchive"
    record(work.actor, kind, work.space.name, by_grant=work.grant_id, space=work.space.pk)


def set_limit(work: SpaceUnitOfWork, limit_bytes: int | None) -> None:
    """How much of the team's quota the space may use: for who manages the team, under the lock of the space.

    A limit below what is used only refuses growth. Raises NotFound, Forbidden, ScopeMissing, InvalidQuota, Busy.
    """
    require_manage_team(work.actor, work.space.team_id)
    limit = clean_quota(limit_bytes)
    account = _own_account(work.space)
    before = account.limit_bytes
    quotas.set_limit(account, limit)
    record(work.actor, "space.quota", work.space.name, space=work.space.pk, before=before, after=limit)


def _own_account(space: Space) -> QuotaAccount:
    """A space that an older release made is charged to its team alone, until now. What is stored in it is counted under
    its lock; uploads are charged without that lock, so there must be none.
    """
    account = QuotaAccount.objects.select_for_update().get(pk=space.quota_id)
    if account.space_id == space.pk:
        return account
    if Upload.objects.filter(space=space, finished_at=None).exists():
        raise errors.Busy(_("Uploads into this space are under way. Wait for them, or end them, and try again."))
    lines = lines_of_space(space.pk)
    own = QuotaAccount.objects.create(
        space_id=space.pk,
        live_bytes=lines.live,
        versions_bytes=lines.versions,
        trash_bytes=lines.trash,
        uploads_bytes=lines.uploads,
        nodes=lines.nodes,
        properties=lines.properties,
    )
    space.quota = own
    Space.objects.filter(pk=space.pk).update(quota=own)
    return own


def delete_space(actor: Actor, *, space_id: int, name: str) -> Space:
    """For owners and administrators of the team, who say its `name` so that it is the one that they mean.

    Nobody sees it from then on. It is charged, and can be restored, until it is purged TRASH_RETENTION later. Raises
    NotFound, Forbidden, ScopeMissing, InvalidRequest, ChangesHeld.
    """
    require_scope(actor, ADMIN)
    with space_unit_of_work(actor, _known(space_id)) as unit:
        work = unit[space_id]
        space = work.space
        if space.kind != SpaceKind.TEAM or space.deleted_at is not None:
            raise errors.NotFound(_("There is no such space."))
        _require_manage_team(work)
        work.refuse_held()
        if name != space.name:
            raise errors.InvalidRequest(_("That is not the name of the space."), parameter="name")
        space.deleted_at = work.at
        Space.objects.filter(pk=space.pk).update(deleted_at=space.deleted_at)
        # Nobody sees any more who is held in it, and so nobody could let them go on.
        Brake.objects.filter(space=space, released_at=None).update(released_at=work.at)
        ask_for_mounts()
        record(work.actor, "space.delete", space.name, space=space.pk)
    return Space.objects.select_related("root", "quota").get(pk=space_id)


def restore_space(actor: Actor, *, space_id: int, name: str | None = None) -> Space:
    """As it was: its members, its files, its trash; by another `name` where that is taken meanwhile.

    Raises NotFound (also once it is being purged), Forbidden, ScopeMissing, NameTaken, InvalidName.
    """
    require_scope(actor, ADMIN)
    with space_unit_of_work(actor, _known(space_id)) as unit:
        work = unit[space_id]
        if work.space.deleted_at is None or work.space.purge_began_at is not None:
            raise errors.NotFound(_("There is no such space."))
        require_manage_team(work.actor, work.space.team_id)
        if name is None:
            require_free_name(work.space, work.space.name)
        else:
            take_name(work.space, name)
        work.space.deleted_at = None
        Space.objects.filter(pk=space_id).update(deleted_at=None)
        ask_for_mounts()
        record(work.actor, "space.restore", work.space.name, space=space_id)
    return Space.objects.select_related("root", "quota").get(pk=space_id)


def purge_space(actor: Actor, *, space_id: int) -> bool:
    """For the system's job, once its time is over: everything in it goes, and nothing is charged for it any more. The
    row and the journal stay. Called again, it does what is left. False when its time is not over (any more).
    """
    if not actor.is_system:
        raise errors.Forbidden
    with space_unit_of_work(actor, space_id) as unit:
        space = unit[space_id].space
        if space.deleted_at is None:
            return False
        if space.purge_began_at is None:
            if space.deleted_at > now() - settings.TRASH_RETENTION:  # restored, and deleted once more
                return False
            Space.objects.filter(pk=space_id).update(purge_began_at=now())
            record(unit.actor, "space.purge", space.name, of_team=space.team_id, space=space_id)
    clear(actor, space)
    Grant.objects.filter(space_id=space_id).delete()
    Space.objects.filter(pk=space_id).update(purged_at=now())
    return True


def _known(space_id: int) -> int:
    return space_id if is_id(space_id) else 0


def _require_manage_team(work: SpaceUnitOfWork) -> None:
    """Somebody who does not see the space must not learn that it exists."""
    try:
        require_manage_team(work.actor, work.space.team_id)
    except errors.Forbidden:
        work.rules.along([work.space.root_id or 0]).require(Right.VIEW)
        raise
