"""What pages of other apps show of sharing: the latest activity of a file."""

from typing import Any

from django import template

from accounts.request_actor import actor_in
from files.queries.tree import locate
from sharing.queries.activity import node_activity, seen_in_home
from sharing.web.activity import Told, told

register = template.Library()

SECTION = 10  # groups


@register.inclusion_tag("sharing/activity_section.html", takes_context=True)
def activity_section(context: template.RequestContext, node_id: int) -> dict[str, Any]:
    """The latest activity of a file or folder, for who is signed in."""
    actor = actor_in(context["request"])
    found: list[Told] = []
    if actor is not None:
        place = seen_in_home(actor, locate(actor, node_id))
        found = told(node_activity(actor, place, limit=SECTION))
    return {"entries": found, "node_id": node_id}
