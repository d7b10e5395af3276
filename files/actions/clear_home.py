"""Permanently empty a space: the home of a person whose account is deleted (settings.DELETED_ACCOUNT_HOOKS), or a
shared one that was deleted.
"""

from contextlib import suppress

from accounts.actor import Actor, system
from accounts.unit_of_work import Lock, unit_of_work
from files.actions import limits
from files.actions.mounts import remove_mounts
from files.actions.trash import empty_trash, trash_nodes
from files.actions.uploads import abort_upload
from files.errors import Forbidden, UploadNotFound
from files.models import Node, NodeLock, Space, SpaceKind, Upload
from files.tree.unit_of_work import space_unit_of_work


def clear_home(user_id: int) -> None:
    home = Space.objects.filter(kind=SpaceKind.HOME, owner_id=user_id).first()
    if home is not None:
        clear(system("account deletion"), home)


def clear(actor: Actor, space: Space) -> None:
    """Unfinished uploads end; everything goes through the trash, as one act for each thousand, and is purged: the bytes
    are no longer charged, and jobs remove rows and objects. Called again, it does what is left. For the system alone:
    raises Forbidden.
    """
    if not actor.is_system:
        raise Forbidden
    end_uploads(actor, space)
    with unit_of_work(actor, Lock(Space, space.pk)):
        NodeLock.objects.filter(space=space).delete()
    with space_unit_of_work(actor, space.pk) as unit:
        remove_mounts(unit[space.pk])  # and nothing of what they stand for
    top = Node.objects.filter(parent_id=space.root_id, target_id=None)
    while node_ids := list(top.values_list("pk", flat=True)[: limits.MAXIMUM_NODES]):
        trash_nodes(actor, node_ids=node_ids)
    empty_trash(actor, space_id=space.pk)


def end_uploads(actor: Actor, space: Space) -> None:
    for upload_id in list(Upload.objects.filter(space=space).values_list("pk", flat=True)):
        with suppress(UploadNotFound):  # what has expired meanwhile is for the job `uploads`
            abort_upload(actor, upload_id=upload_id)
