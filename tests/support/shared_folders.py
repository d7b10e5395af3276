"""A folder in the middle of somebody's home that they share with others, who have it mounted in theirs."""

from dataclasses import dataclass
from datetime import datetime

from accounts.actor import Actor
from accounts.models import User
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject, remove_grant, set_grant
from files.actions.mounts import reconcile_all
from files.models import Grant, Mount, Node, Space
from files.queries.tree import locate
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import home_of, put

ABOVE = "/canary-above/canary-deeper"  # what nobody else must ever read
FOLDER = f"{ABOVE}/Photos"
FILES = {"sea.txt": b"the sea", "2026/may.txt": b"in may", "2026/trips/alps.txt": b"the alps"}


@dataclass
class SharedFolder:
    """`owner` shares `Photos`; `editor` and `viewer` are what they are called, in the owner's team."""

    owner: User
    editor: User
    viewer: User

    @property
    def actor(self) -> Actor:
        return actor_of(self.owner)

    @property
    def home(self) -> Space:
        return home_of(self.owner)

    @property
    def folder(self) -> Node:
        return self.node("Photos")

    def node(self, name: str) -> Node:
        return Node.objects.get(space=self.home, name=name)

    def put(self, path: str, data: bytes = b"x") -> Node:
        """In the folder, by its owner."""
        return put(self.actor, f"{self.where}/{path}", data).node

    @property
    def where(self) -> str:
        """The path of the folder, wherever its owner has moved it."""
        return locate(self.actor, self.folder.pk).path

    def share(self, user: User, role: Role, node: Node | None = None, *, until: datetime | None = None) -> Grant:
        """And homes in line with it, as the job would."""
        grant = grant_on(self.actor, node or self.folder, user, role, until=until)
        reconcile_all()
        return grant

    def end(self, user: User) -> None:
        """Their access; the job has not come to it yet."""
        remove_grant(self.actor, grant_id=Grant.objects.get(node=self.folder, user=user).pk)


def grant_on(actor: Actor, node: Node, user: User, role: Role = Role.VIEWER, *, until: datetime | None = None) -> Grant:
    subject = Subject(SubjectKind.USER, user.pk)
    return set_grant(actor, node_id=node.pk, subject=subject, role=role, expires_at=until)


def mount_to(user: User, target: Node) -> Node:
    """The row in the home of the user that stands for the folder."""
    node = Mount.objects.get(user=user, target_id=target.pk).node
    assert node is not None
    return node


def shared_folder() -> SharedFolder:
    owner = make_user("owner@example.com", name="Olga Owner")
    owner.membership.team.seats = 50
    owner.membership.team.save()
    editor = make_member(owner, email="editor@example.com", name="Editor")
    viewer = make_member(owner, email="viewer@example.com", name="Viewer")
    world = SharedFolder(owner, editor, viewer)
    for path, data in FILES.items():
        put(world.actor, f"{FOLDER}/{path}", data)
    put(world.actor, f"{ABOVE}/canary-beside.txt", b"canary content")
    grant_on(world.actor, world.folder, editor, Role.EDITOR)
    grant_on(world.actor, world.folder, viewer, Role.VIEWER)
    reconcile_all()
    return world
