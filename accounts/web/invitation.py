"""The page behind the link of an invitation, for the person who got the mail."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ReauthenticationRequired as AskAgain
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions.answer_invitation import accept, accept_as_new, decline
from accounts.errors import AccountError, InvitationNotFound, ReauthenticationRequired
from accounts.invitations import invitation_behind
from accounts.models import Invitation, User
from accounts.names import addresses_of, email_is_taken
from accounts.request_actor import require_signed_in, visitor_of
from accounts.web.forms import NewPersonForm


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Renders accounts/invitation.html. Context: invitation, state (new, mine, sign_in, other), form of `new`.

    One that is expired, withdrawn or answered looks like any wrong link: 404, with what to do about it.
    """
    try:
        found = invitation_behind(secret)
        if request.method == "POST" and "decline" in request.POST:
            decline(visitor_of(request), secret=secret)
            return render(request, "accounts/invitation_declined.html", {"invitation": found})
        return _answer(request, found, secret)
    except ReauthenticationRequired as error:
        raise AskAgain from error
    except InvitationNotFound:
        return render(request, "accounts/invitation_unknown.html", status=404)


def _answer(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    state = _state(request, found)
    form = NewPersonForm(request.POST or None, email=found.email) if state == "new" else None
    refused = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            if form is not None:
                return _accept_as_new(request, secret, form)
            if state == "mine":
                accept(require_signed_in(request), secret=secret)
                messages.success(request, _("You are now in the team “%(team)s”.") % {"team": found.team.name})
                return redirect("/")
        except (InvitationNotFound, ReauthenticationRequired):
            raise
        except AccountError as error:
            refused = str(error)
    context = {"invitation": found, "state": state, "form": form, "refused": refused, "secret": secret}
    is_wrong = bool(refused or (form is not None and form.errors))
    return render(request, "accounts/invitation.html", context, status=422 if is_wrong else 200)


def _state(request: HttpRequest, found: Invitation) -> str:
    """Whoever has the link reads the mails of the address, and may know whether there is an account with it."""
    if isinstance(request.user, User):
        return "mine" if found.email in addresses_of(request.user) else "other"
    return "sign_in" if email_is_taken(found.email) else "new"


def _accept_as_new(request: HttpRequest, secret: str, form: NewPersonForm) -> HttpResponse:
    user = accept_as_new(visitor_of(request), secret=secret, **form.cleaned_data)
    get_adapter(request).login(request, user)
    record_authentication(request, user, method="password")  # typed just now: proof enough for a token
    return redirect("/")
