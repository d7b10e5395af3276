"""A person's devices: app passwords, granted by login flow or made by hand. List, make, revoke."""

from allauth.core.exceptions import ReauthenticationRequired as AskAgain
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions.create_app_password import create_app_password
from accounts.errors import AccountError, ReauthenticationRequired
from accounts.models import TokenKind
from accounts.queries import tokens_of
from accounts.request_actor import require_signed_in
from accounts.web.forms import DeviceForm

PAGE = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def devices(request: HttpRequest) -> HttpResponse:
    """A new app password is shown this once: it is in no URL and no session, and the page is not stored."""
    form = DeviceForm(request.POST or None)
    actor = require_signed_in(request)
    # Without BASE_URL: what this browser, and nobody else, has typed.
    server = f"{settings.BASE_URL}/" if settings.LINKS_KNOWN else f"{request.scheme}://{request.get_host()}/"
    if request.method == "POST" and form.is_valid():
        try:
            new = create_app_password(actor, name=form.cleaned_data["name"])
        except ReauthenticationRequired as error:
            raise AskAgain from error
        except AccountError as error:
            form.add_error(None, str(error))
        else:
            context = {"app_password": new.secret, "token": new.token, "server": server}
            return render(request, "accounts/device_created.html", context)
    page = Paginator(tokens_of(actor, kind=TokenKind.APP_PASSWORD), PAGE).get_page(request.GET.get("page"))
    context = {"devices": page, "form": form, "server": server}
    return render(request, "accounts/devices.html", context, status=422 if form.errors else 200)
