"""A team space that is mounted in the homes of its team, as the job does it."""

from accounts.actor import Actor
from accounts.models import User
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject, change_space, set_grant
from files.actions.mounts import reconcile_all
from files.actions.spaces import create_team_space
from files.models import Mount, Node, Space
from tests.support.people import actor_of


def mounted_space(owner: Actor, name: str = "Plans", *, is_open: bool = True) -> Space:
    """Mounted for everybody who may see it; closed, it is the owner's alone until somebody is let in."""
    space = create_team_space(owner, name=name)
    if not is_open:
        space = change_space(owner, space_id=space.pk, is_open=False)
    reconcile_all()
    return space


def let_in(owner: Actor, space: Space, user: User, role: Role = Role.VIEWER) -> None:
    """A member from now on, with the mount."""
    set_grant(owner, node_id=space.root_id or 0, subject=Subject(SubjectKind.USER, user.pk), role=role)
    reconcile_all()


def mount_of(user: User, space: Space) -> Node:
    """The row of the mount in their home."""
    node = Mount.objects.get(user=user, space=space).node
    assert node is not None
    return node


def refreshed(user: User) -> Actor:
    return actor_of(user)
