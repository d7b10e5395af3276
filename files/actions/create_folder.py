"""A new folder, with the folders on the way to it."""

from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.actions.unit_of_work import work_on_target
from files.queries.target import Target
from files.queries.tree import LocatedNode, locate, refuse_new_names
from files.tree.folders import Missing, ensure_folders, make_folders
from files.tree.keys import free_name


def create_folder(
    actor: Actor, *, target: Target, autorename: bool = False, exist_ok: bool = False
) -> tuple[LocatedNode, bool]:
    """The folder and whether it is new. Raises NameTaken when something has the name, unless `exist_ok` holds and it
    is a folder, or `autorename` finds another name.
    """
    with work_on_target(actor, target, right_on_existing=Right.CREATE, autorename=autorename) as (work, resolved):
        existing, name = resolved.existing, resolved.name
        if existing is not None and exist_ok and existing.is_folder and not resolved.is_hidden:
            return locate(work.actor, existing.pk), False
        if existing is not None:
            if not autorename:
                raise errors.NameTaken(path=resolved.path, id=existing.pk)
            refuse_new_names(name)
            name = free_name(existing.parent_id or 0, name)
        chain = ensure_folders(work, resolved.base, [resolved.folders])[resolved.folders]
        if isinstance(chain, Missing):
            raise chain
        (folder,) = make_folders(work, [(chain, name)])
    return resolved.base.in_same_space(folder, chain), True
