"""A person's devices: app passwords, granted by login flow or made by hand. List, make, revoke."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actions.create_app_password import create_app_password
from accounts.actor import Actor
from accounts.errors import AccountError
from accounts.models import TokenKind
from accounts.queries import tokens_of
from accounts.web.forms import DeviceForm
from http_kit.page import is_about_input, page_back_to

PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to("accounts:devices")
def devices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A new app password is shown this once: it is in no URL and no session, and the page is not stored."""
    form = DeviceForm(request.POST or None)
    # Without BASE_URL: what this browser, and nobody else, has typed.
    server = f"{settings.BASE_URL}/" if settings.LINKS_KNOWN else f"{request.scheme}://{request.get_host()}/"
    if request.method == "POST" and form.is_valid():
        try:
            new = create_app_password(actor, name=form.cleaned_data["name"])
        except AccountError as error:
            if not is_about_input(error):
                raise
            form.add_error(None, str(error))
        else:
            context = {"app_password": new.secret, "token": new.token, "server": server}
            return render(request, "accounts/device_created.html", context)
    page = Paginator(tokens_of(actor, kind=TokenKind.APP_PASSWORD), PAGE).get_page(request.GET.get("page"))
    context = {"devices": page, "form": form, "server": server}
    return render(request, "accounts/devices.html", context, status=422 if form.errors else 200)
