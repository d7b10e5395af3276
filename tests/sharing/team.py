"""A team of three, one of whom has a folder to share, for the tests of shares."""

from dataclasses import dataclass

from accounts.actor import Actor
from accounts.models import Group, GroupMember, User
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Given, Subject
from files.actions.mounts import reconcile_all
from files.models import Node, Space
from files.queries.tree import locate_path
from sharing.actions.shares import share
from sharing.queries.shares import SharedNode, share_of
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import home_of, put


@dataclass
class Team:
    """`ada` owns it and the folder `/Photos` with `sea.jpg` and `2026/may.jpg`; `bob` and `carl` are members."""

    ada: User
    bob: User
    carl: User

    @property
    def actor(self) -> Actor:
        return actor_of(self.ada)

    @property
    def home(self) -> Space:
        return home_of(self.ada)

    def node(self, path: str = "/Photos", of: User | None = None) -> Node:
        return locate_path(actor_of(of or self.ada), path).node

    def group(self, *people: User, name: str = "Builders") -> Group:
        group = Group.objects.create(team=self.ada.membership.team, name=name)
        for person in people:
            GroupMember.objects.create(group=group, user=person)
        return group

    def share(
        self,
        to: "User | Group | str",
        role: Role = Role.VIEWER,
        *,
        path: str = "/Photos",
        by: User | None = None,
        of: User | None = None,
        **more: object,
    ) -> SharedNode:
        """What lies in the home of `of`; and homes in line with it, as the job would."""
        actor = actor_of(by or self.ada)
        given = Given(role, **more)  # type: ignore[arg-type]
        share_id = share(actor, node_id=self.node(path, of).pk, to=subject(to), given=given)
        reconcile_all()
        return share_of(actor, share_id=share_id)


def subject(to: "User | Group | str") -> "Subject | str":
    if isinstance(to, str):
        return to
    return Subject(SubjectKind.USER if isinstance(to, User) else SubjectKind.GROUP, to.pk)


def team_of_three() -> Team:
    ada = make_user("ada@example.com", name="Ada Lovelace")
    ada.membership.team.seats = 20
    ada.membership.team.save()
    for path in ("sea.jpg", "2026/may.jpg"):
        put(actor_of(ada), f"Photos/{path}", b"picture")
    bob = make_member(ada, email="bob@example.com", name="Bob")
    return Team(ada, bob, make_member(ada, email="carl@example.com", name="Carl"))
