"""A file in the middle of somebody's home that they share alone with others, who have it mounted in theirs."""

from dataclasses import dataclass

from accounts.actor import Actor
from accounts.models import User
from files.access.rights import Role
from files.actions.mounts import reconcile_all
from files.blobs import reader
from files.models import Grant, Mount, Node, Space
from files.queries.tree import locate
from tests.support.people import actor_of, make_member, make_user
from tests.support.shared_folders import ABOVE, grant_on
from tests.support.trees import home_of, put

NAME = "report.txt"
FILE = f"{ABOVE}/{NAME}"
TEXT = b"the first report"


@dataclass
class SharedFile:
    """`owner` shares `report.txt`; `editor` and `viewer` are what they are called, in the owner's team."""

    owner: User
    editor: User
    viewer: User
    file_id: int

    @property
    def actor(self) -> Actor:
        return actor_of(self.owner)

    @property
    def home(self) -> Space:
        return home_of(self.owner)

    @property
    def file(self) -> Node:
        return Node.objects.get(pk=self.file_id)

    @property
    def texts(self) -> list[bytes]:
        """What its versions hold, the first one first."""
        versions = self.file.versions.select_related("content").order_by("pk")
        return [reader.read_bytes(version.content) for version in versions]

    def write(self, data: bytes) -> Node:
        """By its owner, wherever they have it."""
        return put(self.actor, locate(self.actor, self.file_id).path, data).node

    def share(self, user: User, role: Role, node: Node | None = None) -> Grant:
        """And homes in line with it, as the job would."""
        grant = grant_on(self.actor, node or self.file, user, role)
        reconcile_all()
        return grant

    def end(self, user: User) -> None:
        """Their access; the job has not come to it yet."""
        Grant.objects.filter(node_id=self.file_id, user=user).delete()

    def mount_of(self, user: User) -> Node:
        """The row in their home."""
        node = Mount.objects.get(user=user, target_id=self.file_id).node
        assert node is not None
        return node


def shared_file() -> SharedFile:
    owner = make_user("owner@example.com", name="Olga Owner")
    owner.membership.team.seats = 50
    owner.membership.team.save()
    editor = make_member(owner, email="editor@example.com", name="Editor")
    viewer = make_member(owner, email="viewer@example.com", name="Viewer")
    node = put(actor_of(owner), FILE, TEXT).node
    put(actor_of(owner), f"{ABOVE}/canary-beside.txt", b"canary content")
    world = SharedFile(owner, editor, viewer, node.pk)
    grant_on(world.actor, node, editor, Role.EDITOR)
    grant_on(world.actor, node, viewer, Role.VIEWER)
    reconcile_all()
    return world
