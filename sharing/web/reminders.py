"""Pages of reminders: setting one on the page of a file, and the list of one's own."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from common.clock import now
from http_kit import forms
from http_kit.page import back, message_of, page
from sharing.actions.reminders import remove_reminder, set_reminder
from sharing.errors import InvalidRequest
from sharing.queries.reminders import reminders_of

AFTER = {  # what the form offers, in hours
    "1": gettext_lazy("in an hour"),
    "24": gettext_lazy("in a day"),
    "72": gettext_lazy("in three days"),
    "168": gettext_lazy("in a week"),
    "720": gettext_lazy("in 30 days"),
}


@require_safe
@page
def reminders(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders sharing/reminders.html. Context: section, reminders (of Planned), next_cursor."""
    found = reminders_of(actor, cursor=request.GET.get("cursor") or None)
    context = {"section": "reminders", "reminders": found.items, "next_cursor": found.next_cursor}
    return render(request, "sharing/reminders.html", context)


@require_POST
@page
def add(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponse:
    hours = forms.text(request.POST, "hours")
    if hours not in AFTER:
        raise InvalidRequest(parameter="hours")
    at, note = now() + timedelta(hours=int(hours)), forms.text(request.POST, "note")
    try:
        set_reminder(actor, node_id=node_id, at=at, note=note)
    except InvalidRequest as error:  # the page says what a note is
        messages.error(request, message_of(error))
    else:
        messages.success(request, _("You will be reminded."))
    return redirect(back(request).partition("#")[0] + "#reminders")


@require_POST
@page
def remove(request: HttpRequest, actor: Actor, reminder_id: int) -> HttpResponse:
    remove_reminder(actor, reminder_id=reminder_id)
    messages.success(request, _("The reminder was removed."))
    return redirect(back(request))
