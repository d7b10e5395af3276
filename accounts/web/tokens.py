"""A person's access tokens: list, make, revoke."""

from allauth.core.exceptions import ReauthenticationRequired as AskAgain
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.create_token import NewToken, create_token
from accounts.actions.revoke_token import revoke_token
from accounts.errors import AccountError, ReauthenticationRequired, TokenNotFound
from accounts.models import TokenKind
from accounts.queries import tokens_of
from accounts.request_actor import require_signed_in
from accounts.web.forms import TokenForm

PAGE = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """A new token's secret is shown this once: it is in no URL and no session, and the page is not stored."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = _create(request, form)
        except ReauthenticationRequired as error:
            raise AskAgain from error
        except AccountError as error:
            form.add_error(None, str(error))
        else:
            context = {"new_token": new.secret, "token": new.token}
            return render(request, "accounts/token_created.html", context)
    page = Paginator(tokens_of(require_signed_in(request), kind=TokenKind.TOKEN), PAGE).get_page(
        request.GET.get("page")
    )
    context = {"tokens": page, "form": form}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def revoke(request: HttpRequest, token_id: int, *, back: str) -> HttpResponse:
    """A token or the app password of a device; `back` is the name of the page that lists it."""
    try:
        revoke_token(require_signed_in(request), token_id=token_id)
    except TokenNotFound as error:
        raise Http404 from error
    return redirect(back)


def _create(request: HttpRequest, form: TokenForm) -> NewToken:
    lifetime = form.cleaned_data["expires"]
    return create_token(
        require_signed_in(request),
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        expires_at=timezone.now() + lifetime if lifetime else None,
    )
