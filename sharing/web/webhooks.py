"""Pages of webhooks: those that I have made, what each has sent, and those of my team."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import ADMIN, Actor
from accounts.errors import AgainstPolicy, LimitReached, SecondFactorSetupRequired
from accounts.permissions import TEAM_MANAGERS
from common.clock import now
from http_kit import forms
from http_kit.page import page_back_to
from sharing.actions.webhooks import (
    NewWebhook,
    WebhookSettings,
    change_webhook,
    create_webhook,
    delete_webhook,
    renew_secret,
    replay,
    send_test,
)
from sharing.models import Webhook
from sharing.queries.activity_groups import ActivityKind
from sharing.queries.webhook_policy import why_not_sent
from sharing.queries.webhooks import (
    attempts_at,
    deliveries_of,
    is_in_charge,
    my_webhooks,
    team_spaces_managed,
    webhook_in_charge,
    webhooks_of_space,
    webhooks_of_team,
)
from sharing.web.webhook_forms import NewWebhookForm, ReplayForm, WebhookForm

PAGE = 50  # deliveries of the log
LIST, ONE = "sharing:webhooks", "sharing:webhook"


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(LIST)
def webhooks(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Mine, and the form for a new one, whose secret is shown this once: it is in no URL and no session.

    Renders sharing/webhooks.html. Context: section, mine, others (of the team, or of `?space=`), spaces, form,
    why_not (they are not sent; None when they are).
    """
    of_team = actor.role in TEAM_MANAGERS and actor.may(ADMIN)
    spaces = team_spaces_managed(actor)
    form = NewWebhookForm(request.POST or None, spaces=spaces, of_team=of_team)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_webhook(actor, place=form.chosen, settings=form.settings)
        except (LimitReached, AgainstPolicy, SecondFactorSetupRequired) as error:
            form.add_error(None, str(error))
        else:
            return _secret(request, made)
    asked = forms.one_id(request.GET, "space") if request.GET.get("space") else None
    others = webhooks_of_team(actor) if of_team else my_webhooks(actor).none()
    if asked is not None:
        others = webhooks_of_space(actor, space_id=asked)
    context = {
        "section": "settings",
        "mine": list(my_webhooks(actor)),
        "others": list(others.exclude(user_id=actor.user_id or 0)),
        "spaces": spaces,
        "asked": asked,
        "why_not": why_not_sent(actor),
        "form": form,
    }
    return render(request, "sharing/webhooks.html", context, status=422 if form.errors else 200)


def _secret(request: HttpRequest, made: NewWebhook) -> HttpResponse:
    """Renders sharing/webhook_secret.html. Context: section, webhook, secret."""
    context = {"section": "settings", "webhook": made.webhook, "secret": made.secret}
    return render(request, "sharing/webhook_secret.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(ONE, "webhook_id")
def webhook(request: HttpRequest, actor: Actor, webhook_id: int) -> HttpResponse:
    """GET shows it with its log; POST changes where it is sent, and what.

    Renders sharing/webhook.html. Context: section, webhook, is_mine, may_change, why_not, kinds, form, log, next_url,
    replay.
    """
    found = webhook_in_charge(actor, webhook_id=webhook_id)
    is_mine = found.user_id == actor.user_id
    form = WebhookForm(request.POST) if request.method == "POST" else WebhookForm.of(found)
    if request.method == "POST" and form.is_valid():
        change_webhook(actor, webhook_id=webhook_id, settings=form.settings)
        messages.success(request, _("The webhook is changed."))
        return redirect(ONE, webhook_id)
    context: dict[str, Any] = {
        "section": "settings",
        "webhook": found,
        "is_mine": is_mine,
        "may_change": is_mine and is_in_charge(actor, found),
        "why_not": why_not_sent(actor) if is_mine else None,
        "kinds": [ActivityKind(kind).label for kind in found.kinds],
        "form": form,
        "replay": ReplayForm(),
        **(_log(request, actor, found) if is_mine else {}),
    }
    return render(request, "sharing/webhook.html", context, status=422 if form.errors else 200)


def _log(request: HttpRequest, actor: Actor, found: Webhook) -> dict[str, Any]:
    purpose = f"webhook:{found.pk}"
    rows, before = deliveries_of(actor, webhook_id=found.pk).order_by("-pk"), forms.cursor(request, purpose=purpose)
    if before:
        rows = rows.filter(pk__lt=before[0])
    shown = list(rows[: PAGE + 1])
    position: list[object] | None = [shown[PAGE - 1].pk] if len(shown) > PAGE else None
    attempts = attempts_at(shown[:PAGE])
    log = [{"row": row, "attempts": attempts[row.pk]} for row in shown[:PAGE]]
    return {"log": log, "next_url": forms.next_url(request, position, purpose=purpose)}


@require_POST
@page_back_to(ONE, "webhook_id")
def switch(request: HttpRequest, actor: Actor, webhook_id: int) -> HttpResponse:
    """On or off; on with what happened meanwhile, or from now on."""
    is_on = request.POST.get("on") == "1"
    settings = WebhookSettings(is_on=is_on, from_now=is_on and request.POST.get("from_now") == "1")
    change_webhook(actor, webhook_id=webhook_id, settings=settings)
    messages.success(request, _("The webhook is on.") if is_on else _("The webhook is off."))
    return redirect(ONE, webhook_id)


@require_POST
@page_back_to(ONE, "webhook_id")
def secret(request: HttpRequest, actor: Actor, webhook_id: int) -> HttpResponse:
    """A new one, shown this once."""
    return _secret(request, renew_secret(actor, webhook_id=webhook_id))


@require_POST
@page_back_to(ONE, "webhook_id")
def test(request: HttpRequest, actor: Actor, webhook_id: int) -> HttpResponse:
    """Sends a message without events."""
    send_test(actor, webhook_id=webhook_id)
    messages.success(request, _("A test is on its way. What comes of it is in the log in some seconds."))
    return redirect(ONE, webhook_id)


@require_POST
@page_back_to(ONE, "webhook_id")
def send_again(request: HttpRequest, actor: Actor, webhook_id: int) -> HttpResponse:
    """One delivery (`delivery`), or all of the last hours."""
    if request.POST.get("delivery"):
        count = replay(actor, webhook_id=webhook_id, delivery_id=forms.one_id(request.POST, "delivery"))
    else:
        form = ReplayForm(request.POST)
        count = replay(actor, webhook_id=webhook_id, since=now() - form.time) if form.is_valid() else 0
    text = ngettext("%(count)d delivery is sent again.", "%(count)d deliveries are sent again.", count)
    messages.success(request, text % {"count": count})
    return redirect(ONE, webhook_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(LIST)
def delete(request: HttpRequest, actor: Actor, webhook_id: int) -> HttpResponse:
    """GET asks, POST does it. Renders sharing/delete_webhook.html. Context: section, webhook."""
    if request.method == "POST":
        delete_webhook(actor, webhook_id=webhook_id)
        messages.success(request, _("The webhook is deleted."))
        return redirect(LIST)
    context = {"section": "settings", "webhook": webhook_in_charge(actor, webhook_id=webhook_id)}
    return render(request, "sharing/delete_webhook.html", context)
