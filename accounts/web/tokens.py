"""A person's access tokens: list, make, revoke."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.create_token import NewToken, create_token
from accounts.actions.revoke_token import revoke_token
from accounts.actor import Actor
from accounts.errors import AccountError
from accounts.models import TokenKind
from accounts.queries import tokens_of
from accounts.web.forms import TokenForm
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
