"""The pages of one's own links: all of them, those of a file or folder, and one with its address, its counters and what
can be changed. All of it works without JavaScript.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.policies import policy_for
from common.content_disposition import content_disposition
from common.errors import CodedError
from files.access.rights import Right
from files.models import SpaceKind
from files.queries.tree import LocatedNode, get_space, locate
from http_kit.page import is_about_input, page_back_to
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import change_link, create_link, revoke_link
from sharing.links import url_of
from sharing.qr import svg_of
from sharing.queries.link_access import ends_at
from sharing.queries.link_policy import told_to_makers
from sharing.queries.links import LinkState, described, get_link, list_links, manages
from sharing.web.link_forms import LinkForm

PAGE = 50
HOME = "links:links"
STATES = {
    LinkState.OPEN: gettext_lazy("open"),
    LinkState.ENDED: gettext_lazy("ended"),
    LinkState.USED_UP: gettext_lazy("no downloads left"),
    LinkState.PAUSED: gettext_lazy("paused: who made it may not share this any more"),
    LinkState.AGAINST_POLICY: gettext_lazy("paused: a policy of the team does not allow such links"),
    LinkState.IN_TRASH: gettext_lazy("in the trash; it opens again after it is restored"),
}


@require_safe
@page_back_to(HOME)
def links(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders sharing/links.html. Context: section, found (a page of links), items (sharing.queries.links.ListedLink),
    states.
    """
    return _list(request, actor, space_id=None)


@require_safe
@page_back_to(HOME)
def in_space(request: HttpRequest, actor: Actor, space_id: int) -> HttpResponse:
    """The same for all links in a space, for who manages it: those that are paused are taken over there."""
    return _list(request, actor, space_id=space_id)


def _list(request: HttpRequest, actor: Actor, space_id: int | None) -> HttpResponse:
    rows = list_links(actor, space_id=space_id).order_by("-pk")
    found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    space = None if space_id is None else get_space(actor, space_id)
    context = {"section": "links", "space": space, "found": found, "items": described(actor, list(found))}
    return render(request, "sharing/links.html", {**context, "states": STATES})


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(HOME)
def of_node(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """The links of a file or folder, and the form that makes one.

    Renders sharing/links_of.html. Context: as above, and node, path, form (None for who may not share it), all_of_them
    (whether links of others are listed, too), rules (what the team asks of new ones).
    """
    place = locate(actor, node_id).entered
    form = LinkForm(request.POST or None, is_folder=place.node.is_folder) if _may_link(place) else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            made = create_link(actor, node_id=node_id, settings=LinkSettings().changed(form.changes()))
        except CodedError as error:
            _add_error(form, error)
        else:
            messages.success(request, _("The link is there."))
            return redirect("links:link", made.pk)
    found = Paginator(list_links(actor, node_id=node_id).order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "links",
        "node": place.node,
        "path": place.path,
        "form": form,
        "found": found,
        "items": described(actor, list(found)),
        "states": STATES,
        "all_of_them": manages(place),
        "rules": [] if form is None else told_to_makers(policy_for(place.space.team_id), actor.role),
    }
    return render(request, "sharing/links_of.html", context, status=422 if form is not None and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(HOME)
def link(request: HttpRequest, actor: Actor, link_id: int) -> HttpResponse:
    """Renders sharing/link.html. Context: section, item (a ListedLink), url, state, ends_at, form, is_mine."""
    item = get_link(actor, link_id)
    form = LinkForm(request.POST or None, is_folder=item.link.node.is_folder, link=item.link)
    if request.method == "POST" and form.is_valid():
        try:
            change_link(actor, link_id=link_id, changes=form.changes())
        except CodedError as error:
            _add_error(form, error)
        else:
            messages.success(request, _("The link has changed."))
            return redirect("links:link", link_id)
    context = {
        "section": "links",
        "item": item,
        "url": url_of(item.link),
        "state": STATES[item.state],
        "ends_at": ends_at(item.link),
        "form": form,
        "is_mine": item.link.created_by_id == actor.user_id,
    }
    return render(request, "sharing/link.html", context, status=422 if form.errors else 200)


@require_safe
@page_back_to(HOME)
def qr_code(request: HttpRequest, actor: Actor, link_id: int) -> HttpResponse:
    """An image of the address, to be printed or read by a phone."""
    found = get_link(actor, link_id).link
    headers = {"Content-Disposition": content_disposition(f"link-{found.pk}.svg", inline=True)}
    return HttpResponse(svg_of(url_of(found)), content_type="image/svg+xml", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(HOME)
def revoke(request: HttpRequest, actor: Actor, link_id: int) -> HttpResponse:
    """GET asks for confirmation, POST does it. Renders sharing/revoke_link.html. Context: section, item, url."""
    item = get_link(actor, link_id)
    if request.method != "POST":
        context = {"section": "links", "item": item, "url": url_of(item.link)}
        return render(request, "sharing/revoke_link.html", context)
    revoke_link(actor, link_id=link_id)
    messages.success(request, _("The link to “%(name)s” is revoked.") % {"name": item.link.node.name})
    return redirect(HOME)


@require_POST
@page_back_to("links:link", "link_id")
def take_over(request: HttpRequest, actor: Actor, link_id: int) -> HttpResponse:
    change_link(actor, link_id=link_id, changes={}, take_over=True)
    messages.success(request, _("You answer for this link now."))
    return redirect(reverse("links:link", args=[link_id]))


def _may_link(place: LocatedNode) -> bool:
    return place.access.allows(Right.SHARE) and not (place.is_root and place.space.kind == SpaceKind.HOME)


def _add_error(form: LinkForm, error: CodedError) -> None:
    """At the field that it is about. Raises what no form can say."""
    named = {"link_address_taken": "address", "password_refused": "password"}.get(error.code)
    field = named or error.detail.get("parameter")
    if field is None and not is_about_input(error):
        raise error
    form.add_error(field if field in form.fields else None, str(error))
