"""The page of a team's policies. What a change would end is shown before, and done when that is confirmed; all of it by
forms, without script.
"""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.policies import change_policy
from accounts.actor import Actor
from accounts.errors import InvalidPolicy, PolicyWouldEnd
from accounts.policies import Preview
from accounts.queries import policy_of, policy_preview
from accounts.web.policy_form import PolicyForm
from http_kit.page import page_back_to

POLICIES = "accounts:team_policies"
PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(POLICIES)
def policies(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders accounts/team/policies.html. Context: form. Where it would end something: policies_confirm.html."""
    before = policy_of(actor)
    form = PolicyForm(request.POST or None, policy=before)
    if request.method == "POST" and form.is_valid():
        try:
            return _change(request, actor, form)
        except InvalidPolicy as error:
            name = error.detail["parameter"]
            form.add_error(name if name in form.fields else None, str(error))
    return render(request, "accounts/team/policies.html", {"form": form}, status=422 if form.errors else 200)


def _change(request: HttpRequest, actor: Actor, form: PolicyForm) -> HttpResponse:
    """`act` of the button on the page that asks: `confirm`, or which page of what is listed is shown."""
    changes = form.changes()
    confirmation = request.POST.get("confirmation", "") if request.POST.get("act") == "confirm" else ""
    if "page" not in request.POST:
        try:
            change_policy(actor, changes=changes, confirmation=confirmation)
        except PolicyWouldEnd:
            pass
        else:
            messages.success(request, _("The policies of the team have changed."))
            return redirect(POLICIES)
    found = policy_preview(actor, changes=changes)
    return render(request, "accounts/team/policies_confirm.html", _asking(request, form, found))


def _asking(request: HttpRequest, form: PolicyForm, found: Preview) -> dict[str, Any]:
    """Context: endings (each with its number, and a page of what it is), sent (the form, hidden), confirmation."""
    wanted = request.POST.get("page", "")
    kind, _colon, number = wanted.partition(":")
    shown = []
    for ending, count in found.shown:
        page = Paginator(ending.rows.order_by("pk"), PAGE).get_page(number if kind == ending.kind else 1)
        shown.append({"ending": ending, "count": count, "page": page, "items": ending.show(list(page))})
    sent = [(name, value) for name, values in request.POST.lists() if name in form.fields for value in values]
    return {"endings": shown, "sent": sent, "confirmation": found.confirmation}
