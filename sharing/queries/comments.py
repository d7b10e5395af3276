"""Comments as somebody sees them: those of a node that they see, the latest first."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from accounts.actor import Actor, PrincipalKind
from accounts.models import User
from accounts.names import NOBODYS
from common.ids import is_id
from files.access.rights import Right
from files.queries.tree import LocatedNode, locate
from http_kit.cursors import page_of
from sharing.errors import NotFound
from sharing.models import Comment, Mention

PAGE = 50


@dataclass(frozen=True, slots=True)
class CommentPage:
    """`next_cursor` None is the end."""

    place: LocatedNode
    items: list[Comment]
    next_cursor: str | None


def comments_of(actor: Actor, *, node_id: int, cursor: str | None = None, limit: int = PAGE) -> CommentPage:
    """Of a mount those of what it stands for. Two queries besides finding it. Raises NotFound, ScopeMissing,
    InvalidCursor.
    """
    require_person(actor)
    place = locate(actor, node_id).entered
    place.require(Right.VIEW)
    rows = comments().filter(node_id=place.node.pk)
    found = page_of(rows, cursor=cursor, limit=limit, purpose=f"comments:{place.node.pk}")
    return CommentPage(place, found.items, found.next_cursor)


def comment_of(actor: Actor, *, comment_id: int) -> tuple[Comment, LocatedNode]:
    """With the place of what it is about. Raises NotFound, ScopeMissing."""
    require_person(actor)
    row = comments().filter(pk=comment_id if is_id(comment_id) else 0).first()
    if row is None:
        raise NotFound(id=comment_id)
    try:
        place = locate(actor, row.node_id)
    except NotFound as error:
        raise NotFound(id=comment_id) from error  # which node it is on is not told
    return row, place


def comments() -> "QuerySet[Comment]":
    """With authors and who is mentioned."""
    mentions = Mention.objects.select_related("user").order_by("pk")
    return Comment.objects.select_related("author").prefetch_related(Prefetch("mentions", queryset=mentions))


def author_of(comment: Comment) -> User | None:
    """None for a former member."""
    author = comment.author
    return None if author is None or author.email.endswith(NOBODYS) else author


def is_authors(actor: Actor, comment: Comment) -> bool:
    return comment.author_id is not None and comment.author_id == actor.user_id


def may_edit(actor: Actor, comment: Comment, place: LocatedNode) -> bool:
    """Which controls to show; the actions check for themselves."""
    return is_authors(actor, comment) and place.access.allows(Right.COMMENT)


def may_delete(actor: Actor, comment: Comment, place: LocatedNode) -> bool:
    return place.access.allows(Right.MANAGE) or (is_authors(actor, comment) and place.space.archived_at is None)


def require_person(actor: Actor) -> None:
    """Comments are between people who are known to one another: to the visitors of a link there are none. Raises
    NotFound.
    """
    if actor.principal.kind is not PrincipalKind.USER:
        raise NotFound
