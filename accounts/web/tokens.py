"""A person's access tokens and devices (app passwords, granted by the login flow or created by hand): list, create,
revoke. And the button that ends all other sessions, tokens and devices.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.tokens import NewToken, create_app_password, create_token, revoke_everything, revoke_token
from accounts.actor import Actor
from accounts.errors import AccountError
from accounts.models import TokenKind, User
from accounts.queries import own_id, tokens_of
from accounts.web.forms import DeviceForm, TokenForm
from http_kit.page import is_about_input, page_back_to

PAGE = 100
TOKENS = "accounts:tokens"


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(TOKENS)
def tokens(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A new token's secret is shown this once: it is in no URL and no session, and the page is not stored."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = _create(actor, form)
        except AccountError as error:
            if not is_about_input(error):
                raise
            form.add_error(None, str(error))
        else:
            context = {"new_token": new.secret, "token": new.token}
            return render(request, "accounts/token_created.html", context)
    page = Paginator(tokens_of(actor, kind=TokenKind.TOKEN), PAGE).get_page(request.GET.get("page"))
    context = {"tokens": page, "form": form}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@page_back_to(TOKENS)
def revoke(request: HttpRequest, actor: Actor, token_id: int, *, back: str) -> HttpResponse:
    """A token or the app password of a device; `back` is the name of the page that lists it."""
    revoke_token(actor, token_id=token_id)
    return redirect(back)


def _create(actor: Actor, form: TokenForm) -> NewToken:
    lifetime = form.cleaned_data["expires"]
    return create_token(
        actor,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        expires_at=timezone.now() + lifetime if lifetime else None,
    )


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


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to("accounts:devices")
def end_everything(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET asks for confirmation, POST does it. The browser that sends it stays signed in, with a new session."""
    if request.method != "POST":
        return render(request, "accounts/revoke.html")
    count = revoke_everything(actor)
    update_session_auth_hash(request, User.objects.get(pk=own_id(actor)))
    text = ngettext(
        "All other sessions have ended, and %(count)d device or token was revoked.",
        "All other sessions have ended, and %(count)d devices and tokens were revoked.",
        count,
    )
    messages.success(request, text % {"count": count})
    return redirect("accounts:devices")
