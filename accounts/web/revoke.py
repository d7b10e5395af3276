"""The button that ends everything else that is signed in."""

from allauth.core.exceptions import ReauthenticationRequired as AskAgain
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions.revoke_everything import revoke_everything
from accounts.errors import ReauthenticationRequired
from accounts.models import User
from accounts.queries import own_id
from accounts.request_actor import require_signed_in


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def revoke(request: HttpRequest) -> HttpResponse:
    """GET asks whether it is meant, POST does it. The browser that asks stays signed in, by a new session."""
    actor = require_signed_in(request)
    if request.method != "POST":
        return render(request, "accounts/revoke.html")
    try:
        count = revoke_everything(actor)
    except ReauthenticationRequired as error:
        raise AskAgain from error
    update_session_auth_hash(request, User.objects.get(pk=own_id(actor)))
    told = ngettext(
        "All other sessions have ended, and %(count)d device or token was revoked.",
        "All other sessions have ended, and %(count)d devices and tokens were revoked.",
        count,
    )
    messages.success(request, told % {"count": count})
    return redirect("accounts:devices")
