"""Team spaces that are mounted in the homes of their members, as the job does it."""

from dataclasses import dataclass

from accounts.actor import Actor
from accounts.models import User
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject, change_space, remove_grant, set_grant
from files.actions.mounts import reconcile_all, reconcile_mounts
from files.actions.spaces import create_team_space
from files.models import Grant, Mount, Node, Space
from files.queries.listing import list_folder
from files.queries.tree import LocatedNode, locate_path
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put

NAME = "Plans"
FILES = {"budget.txt": b"a hundred", "notes/today.txt": b"today", "notes/deep/er.txt": b"deeper"}


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
    node = Mount.objects.get(user=user, target_id=space.root_id).node
    assert node is not None
    return node


def names(actor: Actor, path: str = "/") -> list[str]:
    """What is listed in a folder, in the order of the list."""
    return [node.name for node in list_folder(actor, locate_path(actor, path)).entries]


def in_space(space: Space) -> list[str]:
    """Paths of everything in it, its trash left out."""
    found = []

    def visit(node_id: int, path: str) -> None:
        for node in Node.objects.filter(parent_id=node_id).order_by("name"):
            found.append(f"{path}/{node.name}")
            visit(node.pk, f"{path}/{node.name}")

    visit(space.root_id or 0, "")
    return found


@dataclass
class MountedSpace:
    """A closed space of a team of three: `owner` manages it, `editor` and `viewer` are what they are called."""

    owner: User
    editor: User
    viewer: User
    space: Space

    @property
    def root_id(self) -> int:
        assert self.space.root_id is not None
        return self.space.root_id

    def role(self, user: User, role: Role) -> None:
        """And homes in line with it, as the job would."""
        set_grant(actor_of(self.owner), node_id=self.root_id, subject=Subject(SubjectKind.USER, user.pk), role=role)
        reconcile_mounts(user.pk)

    def end(self, user: User) -> None:
        """Their access; the job has not come to it yet."""
        remove_grant(actor_of(self.owner), grant_id=Grant.objects.get(node_id=self.root_id, user=user).pk)

    def mount_of(self, user: User) -> Node:
        """The row in their home."""
        return mount_of(user, self.space)

    def place(self, path: str = "") -> LocatedNode:
        """In the space itself, as its owner finds it."""
        return locate_path(actor_of(self.owner), path, space_id=self.space.pk)

    def names(self, path: str = "") -> set[str]:
        return set(Node.objects.filter(parent_id=self.place(path).node.pk).values_list("name", flat=True))


def make_mounted_space() -> MountedSpace:
    owner = make_user("owner@example.com")
    team = owner.membership.team
    team.seats = 10
    team.save()
    editor = make_member(owner, email="editor@example.com", name="Editor")
    viewer = make_member(owner, email="viewer@example.com", name="Viewer")
    actor: Actor = actor_of(owner)
    space = create_team_space(actor, name=NAME)
    space = change_space(actor, space_id=space.pk, is_open=False)
    for path, data in FILES.items():
        put(actor, path, data, space_id=space.pk)
    world = MountedSpace(owner, editor, viewer, space)
    reconcile_mounts(owner.pk)
    world.role(editor, Role.EDITOR)
    world.role(viewer, Role.VIEWER)
    return world
