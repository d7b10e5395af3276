"""Pages of tags: those of a file, on its page, and what has a tag."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from http_kit import forms
from http_kit.page import back, page
from sharing.actions.tags import add_tag, remove_tag
from sharing.models import MAXIMUM_TAG
from sharing.queries.tags import all_tags, tagged

LONGEST = 4 * MAXIMUM_TAG  # of what is looked for


@require_safe
@page
def tags(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All tags, or with `tag` what has it. Renders sharing/tags.html. Context: section, tag, names or places,
    next_cursor.
    """
    name, cursor = request.GET.get("tag", "")[:LONGEST], request.GET.get("cursor") or None
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
    add_tag(actor, node_id=node_id, name=forms.text(request.POST, "tag"))
    messages.success(request, _("The tag is there."))
    return redirect(back(request))


@require_POST
@page
def remove(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    remove_tag(actor, node_id=node_id, name=forms.text(request.POST, "tag"))
    messages.success(request, _("The tag is removed."))
    return redirect(back(request))
