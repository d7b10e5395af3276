"""Pages of comments: those on a file or folder, with forms that need no script."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.names import NOBODYS
from files.access.rights import Right
from files.queries.tree import LocatedNode
from http_kit.page import back, message_of, page
from sharing.actions.comments import add_comment, delete_comment, edit_comment
from sharing.errors import Forbidden, InvalidRequest, TooMany
from sharing.mentions import Piece, pieces_of, with_addresses
from sharing.models import MAXIMUM_COMMENT, Comment
from sharing.queries.activity import seen_in_home
from sharing.queries.comments import CommentPage, author_of, comment_of, comments_of, may_delete, may_edit
from sharing.web.shares import name_of, section_of


@dataclass(frozen=True, slots=True)
class Written:
    """A comment as a page shows it. `who` is empty for a former member; a mention in `pieces` is `@` and a name."""

    comment: Comment
    who: str
    pieces: list[Piece]
    may_edit: bool
    may_delete: bool


def written(actor: Actor, found: CommentPage) -> list[Written]:
    """Without a query."""
    return [_written(actor, row, found.place) for row in found.items]


def _written(actor: Actor, comment: Comment, place: LocatedNode) -> Written:
    author = author_of(comment)
    return Written(
        comment,
        "" if author is None else author.get_full_name(),
        list(_named(comment)),
        may_edit(actor, comment, place),
        may_delete(actor, comment, place),
    )


def _named(comment: Comment) -> Iterable[Piece]:
    people = {mention.user_id: mention.user for mention in comment.mentions.all()}
    for piece in pieces_of(comment.text):
        person = people.get(piece.person or 0)
        if piece.person is None:
            yield piece
        elif person is None or person.email.endswith(NOBODYS):
            yield Piece(_("@a former member"), piece.person)
        else:
            yield Piece(f"@{person.get_full_name()}", piece.person)


@require_safe
@page
def comments(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """Renders sharing/comments.html.

    Context: section, space, node, name, and those of sharing/comment_list.html: comments (of Written), next_cursor,
    node_id, may_comment, most.
    """
    found = comments_of(actor, node_id=node_id, cursor=request.GET.get("cursor") or None)
    place = seen_in_home(actor, found.place)
    context = {
        "section": section_of(found.place),
        "space": found.place.space,
        "node": place.outer.node,
        "name": name_of(place),
        **list_context(actor, found),
    }
    return render(request, "sharing/comments.html", context)


def list_context(actor: Actor, found: CommentPage) -> dict[str, object]:
    return {
        "comments": written(actor, found),
        "next_cursor": found.next_cursor,
        "node_id": found.place.node.pk,
        "may_comment": found.place.access.allows(Right.COMMENT),
        "most": MAXIMUM_COMMENT,
    }


@require_POST
@page
def add(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    add_comment(actor, node_id=node_id, text=request.POST.get("text", ""))
    messages.success(request, _("Your comment is there."))
    return redirect(_list_on(request, node_id))


@page
def edit(request: HttpRequest, actor: Actor, comment_id: int) -> HttpResponse:
    """GET shows the form, POST saves; what is wrong is said with the text that was written.

    Renders sharing/comment.html. Context: section, space, comment, name, text, wrong, most, next.
    """
    comment, place = comment_of(actor, comment_id=comment_id)
    if not may_edit(actor, comment, place):
        raise Forbidden
    people = {mention.user_id: mention.user.email for mention in comment.mentions.all()}
    text, wrong = with_addresses(comment.text, people), ""
    if request.method == "POST":
        try:
            edit_comment(actor, comment_id=comment_id, text=request.POST.get("text", ""))
        except (InvalidRequest, TooMany) as error:
            text, wrong = request.POST.get("text", ""), message_of(error)
        else:
            messages.success(request, _("Your comment is changed."))
            return redirect(_list_on(request, place.node.pk))
    context = {**_context(request, actor, comment, place), "text": text, "wrong": wrong, "most": MAXIMUM_COMMENT}
    return render(request, "sharing/comment.html", context)


@page
def delete(request: HttpRequest, actor: Actor, comment_id: int) -> HttpResponse:
    """GET asks, POST does it. Renders sharing/delete_comment.html. Context: section, space, comment (Written), name,
    next.
    """
    comment, place = comment_of(actor, comment_id=comment_id)
    if request.method == "POST":
        delete_comment(actor, comment_id=comment_id)
        messages.success(request, _("The comment is deleted."))
        return redirect(_list_on(request, place.node.pk))
    shown = _written(actor, comment, place)
    if not shown.may_delete:
        raise Forbidden
    return render(
        request, "sharing/delete_comment.html", {**_context(request, actor, comment, place), "comment": shown}
    )


def _context(request: HttpRequest, actor: Actor, comment: Comment, place: LocatedNode) -> dict[str, object]:
    return {
        "section": section_of(place),
        "space": place.space,
        "comment": comment,
        "name": name_of(seen_in_home(actor, place)),
        "next": _list_on(request, place.node.pk),
    }


def _list_on(request: HttpRequest, node_id: int) -> str:
    """Where the list of comments is that one came from: the page of the file, or that of comments alone."""
    came = "next" in request.POST or "HTTP_REFERER" in request.META
    url = back(request) if came else reverse("sharing:comments", args=[node_id])
    return url.partition("#")[0] + "#comments"
