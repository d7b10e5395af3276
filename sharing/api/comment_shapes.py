"""Comments as JSON, what is sent of them, and their shapes for the schema."""

from rest_framework import serializers
from rest_framework.fields import CharField, DateTimeField

from accounts.actor import Actor
from files.queries.tree import LocatedNode
from http_kit.fields import Input, PageInput, Shape, TextField, page_shape
from sharing.api.activity import ActivityPersonShape
from sharing.api.rendering import Json, person, text_id, time
from sharing.models import MAXIMUM_COMMENT, Comment
from sharing.queries.comments import CommentPage, author_of, may_delete, may_edit

SENT = 2 * MAXIMUM_COMMENT  # characters, before addresses in it become ids


class CommentInput(Input):
    """`@ada@example.com` or `@user:42` mentions somebody of the team."""

    text = TextField(maximum=SENT, help_text=f"Plain text, at most {MAXIMUM_COMMENT} characters as it is kept.")


class CommentsQuery(PageInput):
    """Which of them."""


class CommentShape(Shape):
    id = CharField()
    node_id = CharField()
    author = ActivityPersonShape(allow_null=True, help_text="null: a former member.")
    text = CharField(help_text="Plain text. `@user:42` in it mentions who is in `mentions` with this id.")
    mentions = ActivityPersonShape(many=True, help_text="People of the team. Who may not see the node is not told.")
    created_at = DateTimeField()
    edited_at = DateTimeField(allow_null=True)
    may_edit = serializers.BooleanField()
    may_delete = serializers.BooleanField()


CommentPageShape = page_shape(CommentShape)


def page(actor: Actor, found: CommentPage) -> Json:
    items = [comment(actor, row, found.place) for row in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


def comment(actor: Actor, row: Comment, place: LocatedNode) -> Json:
    return {
        "id": str(row.pk),
        "node_id": text_id(row.node_id),
        "author": person(author_of(row)),
        "text": row.text,
        "mentions": [person(mention.user) for mention in row.mentions.all()],
        "created_at": time(row.created_at),
        "edited_at": time(row.edited_at),
        "may_edit": may_edit(actor, row, place),
        "may_delete": may_delete(actor, row, place),
    }
