"""Pages of tags: those of a file, on its page, and what has a tag."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from http_kit import forms
from http_kit.page import back, message_of, page
from sharing.actions.tags import add_tag, remove_tag
from sharing.errors import InvalidRequest
from sharing.models import MAXIMUM_TAG
from sharing.queries.tags import all_tags, tagged


@require_safe
@page
def tags(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All tags, or with `tag` what has it. Renders sharing/tags.html. Context: section, tag, names or places,
    next_cursor.
    """
    name, cursor = request.GET.get("tag", "")[: 4 * MAXIMUM_TAG], request.GET.get("cursor") or None
    context: dict[str, object] = {"section": "tags", "tag": name}
    if name:
        found = tagged(actor, name=name, cursor=cursor)
        context |= {"places": found.places, "next_cursor": found.next_cursor}
    else:
        listed = all_tags(actor, cursor=cursor)
        context |= {"names": listed.names, "next_cursor": listed.next_cursor}
    return render(request, "sharing/tags.html", context)


@require_POST
@page
def add(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    try:
        add_tag(actor, node_id=node_id, name=forms.text(request.POST, "tag"))
    except InvalidRequest as error:  # the page says what a tag is
        messages.error(request, message_of(error))
    else:
        messages.success(request, _("The tag was added."))
    return redirect(back(request).partition("#")[0] + "#tags")


@require_POST
@page
def remove(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    remove_tag(actor, node_id=node_id, name=forms.text(request.POST, "tag"))
    messages.success(request, _("The tag was removed."))
    return redirect(back(request).partition("#")[0] + "#tags")
