"""Permanently empty a person's home, when their account is deleted (settings.DELETED_ACCOUNT_HOOKS)."""

from accounts.actor import system
from accounts.unit_of_work import Lock, unit_of_work
from files.actions import limits
from files.actions.mounts import remove_mounts
from files.actions.purge import empty_trash
from files.actions.trash import trash_nodes
from files.actions.uploads import abort_upload
from files.models import Node, NodeLock, Space, SpaceKind, Upload
from files.tree.unit_of_work import space_unit_of_work


def clear_home(user_id: int) -> None:
    """Unfinished uploads end; mounts go, and nothing of what they stand for; everything else goes through the trash, as
    one act for each thousand, and is purged: the bytes are no longer charged, and jobs remove rows and objects. Called
    again, it does what is left.
    """
    home = Space.objects.filter(kind=SpaceKind.HOME, owner_id=user_id).first()
    if home is None:
        return
    for upload_id in list(Upload.objects.filter(space=home).values_list("pk", flat=True)):
        abort_upload(system("account deletion"), upload_id=upload_id)
    with unit_of_work(system("account deletion"), Lock(Space, home.pk)):
        NodeLock.objects.filter(space=home).delete()
    with space_unit_of_work(system("account deletion"), home.pk) as unit:
        remove_mounts(unit[home.pk])
    top = Node.objects.filter(parent_id=home.root_id, target_id=None)
    while node_ids := list(top.values_list("pk", flat=True)[: limits.MAXIMUM_NODES]):
        trash_nodes(system("account deletion"), node_ids=node_ids)
    empty_trash(system("account deletion"), space_id=home.pk)
