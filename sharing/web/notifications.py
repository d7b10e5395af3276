"""Pages of notifications: the list, what is mailed, and the end of mails by the link in one of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from http_kit import forms
from http_kit.errors import InvalidRequest
from http_kit.page import page
from sharing.actions.notifications import (
    EVERY_DIGEST,
    mark_read,
    set_preferences,
    subscription_of,
    unsubscribe,
)
from sharing.models import MailChoice, NotificationKind
from sharing.queries.notification_texts import link_of, text_of
from sharing.queries.notifications import list_notifications, preferences_of

PAGE = 50


@require_safe
@page
def notifications(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders sharing/notifications.html. Context: section, entries, next_url, only_unread."""
    only_unread = request.GET.get("unread") == "1"
    purpose = f"notifications:{only_unread}"
    rows, before = list_notifications(actor, only_unread=only_unread), forms.cursor(request, purpose=purpose)
    if before:
        rows = rows.filter(pk__lt=before[0])
    shown = list(rows[: PAGE + 1])
    position: list[object] | None = [shown[PAGE - 1].pk] if len(shown) > PAGE else None
    context = {
        "section": "notifications",
        "entries": [{"row": row, "text": text_of(row), "link": link_of(row)} for row in shown[:PAGE]],
        "next_url": forms.next_url(request, position, purpose=purpose),
        "only_unread": only_unread,
    }
    return render(request, "sharing/notifications.html", context)


@require_POST
@page
def read(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Some of them, or all."""
    if request.POST.get("all") == "1":
        mark_read(actor)
        messages.success(request, _("All notifications are marked as read."))
    else:
        mark_read(actor, notification_ids=forms.ids(request.POST, "notification"))
    return redirect("sharing:notifications")


@page
def preferences(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET shows the form, POST stores it. Renders sharing/notification_preferences.html. Context: section, kinds,
    choices.
    """
    if request.method == "POST":
        mails = {}
        for kind in NotificationKind:
            if (chosen := request.POST.get(kind.value)) is not None:
                if chosen not in MailChoice.values:
                    raise InvalidRequest
                mails[kind] = MailChoice(chosen)
        set_preferences(actor, mails=mails)
        messages.success(request, _("Your choice is stored."))
        return redirect("sharing:notification_preferences")
    found = preferences_of(actor)
    kinds = [{"kind": kind, "mail": found[kind]} for kind in NotificationKind]
    context = {"section": "settings", "kinds": kinds, "choices": MailChoice.choices}
    return render(request, "sharing/notification_preferences.html", context)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def end_mails(request: HttpRequest, token: str) -> HttpResponse:
    """Without a sign-in: the link of a mail is the right to end mails like it, and to nothing else. GET asks, since
    programs open links in mails; POST does it, also for mail programs that never show a page (RFC 8058, section 3.2).
    Renders sharing/unsubscribe.html. Context: what, done, failure.
    """
    try:
        what = subscription_of(token)[1]
        if request.method == "POST":
            unsubscribe(token=token)
    except InvalidRequest as error:
        return render(request, "sharing/unsubscribe.html", {"failure": str(error)}, status=400)
    label = _("the daily summary") if what == EVERY_DIGEST else str(NotificationKind(what).label)
    return render(request, "sharing/unsubscribe.html", {"what": label, "done": request.method == "POST"})
