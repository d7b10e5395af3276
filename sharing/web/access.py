"""The page "Who has access?": every way in which anybody reaches a file or folder, explained."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from files.access.explain import Reach, Reason, SubjectKind, is_shown_with, missing_rights, who_reaches
from files.access.rights import Right
from files.actions.restrictions import is_restricted
from files.queries.tree import LocatedNode, locate
from http_kit import forms
from http_kit.page import page
from sharing.roles import LABELS
from sharing.web.shares import name_of, section_of


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which somebody reaches it: who, what they may, and where that comes from."""

    reach: Reach
    who: str
    label: str
    where: str


@require_safe
@page
def who_has_access(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    """Renders sharing/access.html.

    Context: section, node, name, ways (a page of Way; None for who may neither share nor manage it), restricted, mine
    (labels of one's own rights), missing (label and reason), may_share.
    """
    place = locate(actor, node_id)
    there = place.entered
    ways = None
    if is_shown_with(there.access):
        found = [_way(reach, there) for reach in who_reaches(there.space, there.chain_ids) if reach.rights]
        ways = Paginator(found, forms.PAGE_SIZE).get_page(request.GET.get("page"))
    labels = _right_labels()
    context = {
        "section": section_of(there),
        "space": there.space,
        "node": place.node,
        "name": name_of(place),
        "ways": ways,
        "restricted": is_restricted(there),
        "mine": [label for right, label in labels.items() if there.access.allows(right)],
        "missing": [(labels[right], _reason(reason)) for right, reason in missing_rights(there.access).items()],
        "may_share": there.access.allows(Right.SHARE),
    }
    return render(request, "sharing/access.html", context)


def _way(reach: Reach, place: LocatedNode) -> Way:
    return Way(reach, _who(reach), str(LABELS[reach.role]), _where(reach, place))


def _who(reach: Reach) -> str:
    if reach.kind is SubjectKind.LINK:
        return _("Whoever has the link")
    if reach.kind is SubjectKind.GROUP:
        return _("Group %(name)s") % {"name": reach.name}
    if reach.kind is SubjectKind.TEAM:
        return _("Everybody in %(name)s") % {"name": reach.name}
    if reach.kind is SubjectKind.MANAGERS:
        return _("Owners and admins of %(name)s") % {"name": reach.name}
    return reach.name


def _where(reach: Reach, place: LocatedNode) -> str:
    if reach.kind is SubjectKind.OWNER:
        return _("It is theirs.")
    if reach.grant_id is None:
        return _("The space is open to the whole team.")
    if reach.node_id == place.node.pk:
        return _("Shared here.")
    path = place.path_of_ancestor(reach.node_id)
    if path is None:
        return _("Shared with a folder above.")
    if path == "/":
        return _("A member of the space.")
    return _("Shared with the folder %(path)s.") % {"path": path}


def _reason(reason: Reason) -> str:
    return {
        Reason.NOT_GRANTED: _("nobody has given you that"),
        Reason.SCOPE: _("not with this sign-in"),
        Reason.ARCHIVED: _("the space is archived"),
    }[reason]


def _right_labels() -> dict[Right, str]:
    return {
        Right.VIEW: _("see it"),
        Right.DOWNLOAD: _("download"),
        Right.COMMENT: _("comment"),
        Right.CREATE: _("add something"),
        Right.EDIT: _("change it"),
        Right.DELETE: _("delete"),
        Right.SHARE: _("share it"),
        Right.MANAGE: _("say who may do what"),
    }
