"""A team of four, a folder of a home and one of a team's space, and links to them."""

from dataclasses import dataclass
from typing import Any

from accounts.actor import Actor
from accounts.models import User
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject, change_space, set_grant
from files.actions.mounts import reconcile_all
from files.actions.spaces import create_team_space
from files.models import Node, Space
from files.queries.tree import locate_path
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import create_link
from sharing.models import Link
from sharing.queries.link_access import OpenLink, open_link
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put

VISITOR = Actor(client="a browser", address="198.51.100.7")
SECRET = "sea and sand"


@dataclass
class Linked:
    """`home` is /Photos of the owner, with `sea.jpg` and `more/sand.jpg`; `plans` is /Plans of a closed space, which
    the editor edits.
    """

    owner: User
    editor: User
    other: User
    home: Node
    space: Space
    plans: Node

    @property
    def actor(self) -> Actor:
        return actor_of(self.owner)

    def link(self, node: Node | None = None, by: User | None = None, **settings: Any) -> Link:
        maker = actor_of(by) if by is not None else self.actor
        return create_link(maker, node_id=(node or self.home).pk, settings=LinkSettings(**settings))


def linked_world() -> Linked:
    owner = make_user("owner@example.com", name="Olga Owner")
    owner.membership.team.seats = 20
    owner.membership.team.save()
    editor, other = make_member(owner, email="editor@example.com"), make_member(owner, email="other@example.com")
    actor = actor_of(owner)
    (
        put(actor, "secret.txt", b"above"),
        put(actor, "Photos/sea.jpg", b"sea"),
        put(actor, "Photos/more/sand.jpg", b"sand"),
    )
    space = create_team_space(actor, name="Work")
    put(actor, "Plans/a.txt", b"plan", space_id=space.pk)
    space = change_space(actor, space_id=space.pk, is_open=False)
    give(owner, space, editor, Role.EDITOR)
    reconcile_all()
    home = locate_path(actor, "Photos").node
    return Linked(owner, editor, other, home, space, locate_path(actor, "Plans", space_id=space.pk).node)


def give(by: User, space: Space, to: User, role: Role) -> None:
    set_grant(actor_of(by), node_id=space.root_id or 0, subject=Subject(SubjectKind.USER, to.pk), role=role)


def opened(link: Link, visitor: Actor = VISITOR, proof: str = "") -> OpenLink:
    return open_link(link.token, visitor, proof=proof)
