"""How the first administrator gets in, by the one-time set-up link, and how administrators get into the console.

The console has no sign-in page of its own, so second factors and the slowing of guesses apply there too.
"""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions.create_account import complete_setup
from accounts.errors import AccountError, SetupClosed
from accounts.links import local_part
from accounts.request_actor import second_factor_due_at, visitor_of
from accounts.setup import is_open
from accounts.web.forms import SetupForm
from http_kit.page import SECOND_FACTOR


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, secret: str) -> HttpResponse:
    """Makes the first administrator and signs them in; 404 for any other link, and always afterwards."""
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


@never_cache
def admin_login(request: HttpRequest) -> HttpResponse:
    """Stands in front of Django's own page. 403 for who is signed in but no administrator; whose team asks for a second
    factor sets one up first.
    """
    target = request.GET.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/admin/"
    target = local_part(target)
    if not request.user.is_authenticated:
        return redirect_to_login(target)
    if not request.user.is_staff:
        raise PermissionDenied
    if second_factor_due_at(request) is not None:
        return redirect(SECOND_FACTOR)
    return redirect(target)
