"""The button that ends everything else that is signed in."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.actions.revoke_everything import revoke_everything
from accounts.actor import Actor
from accounts.models import User
from accounts.queries import own_id
from http_kit.page import page_back_to


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to("accounts:devices")
def revoke(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET asks whether it is meant, POST does it. The browser that asks stays signed in, by a new session."""
    if request.method != "POST":
        return render(request, "accounts/revoke.html")
    count = revoke_everything(actor)
    update_session_auth_hash(request, User.objects.get(pk=own_id(actor)))
    told = ngettext(
        "All other sessions have ended, and %(count)d device or token was revoked.",
        "All other sessions have ended, and %(count)d devices and tokens were revoked.",
        count,
    )
    messages.success(request, told % {"count": count})
    return redirect("accounts:devices")
