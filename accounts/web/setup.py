"""The page behind the one-time set-up link."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions.complete_setup import complete_setup
from accounts.errors import AccountError, SetupClosed
from accounts.request_actor import visitor_of
from accounts.setup import is_open
from accounts.web.forms import SetupForm


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, secret: str) -> HttpResponse:
    """Makes the first administrator and signs them in; 404 for any other link, and for ever afterwards."""
    if not is_open(secret):
        raise Http404
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = complete_setup(visitor_of(request), secret=secret, **form.cleaned_data)
        except SetupClosed as error:
            raise Http404 from error
        except AccountError as error:
            form.add_error(None, str(error))
        else:
            get_adapter(request).login(request, user)
            record_authentication(request, user, method="password")  # typed just now: proof enough for a token
            return redirect("/")
    return render(request, "accounts/setup.html", {"form": form}, status=422 if form.errors else 200)
