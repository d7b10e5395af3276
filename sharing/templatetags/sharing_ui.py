"""What pages of other apps show of sharing: the latest activity of a file, comments and tags on it, and reminders."""

from typing import Any

from django import template

from accounts.request_actor import actor_in
from files.access.rights import Right
from files.queries.tree import locate
from sharing.models import MAXIMUM_NOTE, MAXIMUM_TAG
from sharing.queries.activity import node_activity, seen_in_home
from sharing.queries.comments import comments_of
from sharing.queries.reminders import reminders_on
from sharing.queries.tags import tags_on
from sharing.web.activity import Told, told
from sharing.web.comments import list_context
from sharing.web.reminders import AFTER

register = template.Library()

SECTION = 10  # groups
COMMENTS = 20


@register.inclusion_tag("sharing/activity_section.html", takes_context=True)
def activity_section(context: template.RequestContext, node_id: int) -> dict[str, Any]:
    """The latest activity of a file or folder, for who is signed in."""
    actor = actor_in(context["request"])
    found: list[Told] = []
    if actor is not None:
        place = seen_in_home(actor, locate(actor, node_id))
        found = told(node_activity(actor, place, limit=SECTION))
    return {"entries": found, "node_id": node_id}


@register.inclusion_tag("sharing/comments_section.html", takes_context=True)
def comments_section(context: template.RequestContext, node_id: int) -> dict[str, Any]:
    """The latest comments on a file or folder that is no mount, and the form for another, for who is signed in."""
    request = context["request"]
    actor = actor_in(request)
    found = {} if actor is None else list_context(actor, comments_of(actor, node_id=node_id, limit=COMMENTS))
    return {**found, "request": request, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("sharing/reminders_section.html", takes_context=True)
def reminders_section(context: template.RequestContext, node_id: int) -> dict[str, Any]:
    """One's own reminders about a file or folder that is no mount, and the form for another."""
    request = context["request"]
    actor = actor_in(request)
    found = [] if actor is None else reminders_on(actor, node_id=node_id)
    more = {"request": request, "csrf_token": context.get("csrf_token")}
    return {"reminders": found, "node_id": node_id, "after": AFTER, "most": MAXIMUM_NOTE, **more}


@register.inclusion_tag("sharing/tags_section.html", takes_context=True)
def tags_section(context: template.RequestContext, node_id: int) -> dict[str, Any]:
    """The tags of a file or folder that is no mount, with forms to add and remove some for who may edit it."""
    request = context["request"]
    actor = actor_in(request)
    shown: dict[str, Any] = {"names": [], "may_tag": False}
    if actor is not None:
        place = locate(actor, node_id)
        place.require(Right.VIEW)
        shown = {"names": tags_on([node_id])[node_id], "may_tag": place.access.allows(Right.EDIT)}
    more = {"request": request, "csrf_token": context.get("csrf_token")}
    return {**shown, "node_id": node_id, "most": MAXIMUM_TAG, **more}
