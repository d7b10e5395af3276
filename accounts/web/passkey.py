"""Sign-in by passkey, as allauth does it, but without a session for whoever only looks.

The page of sign-in asks for a challenge each time it is shown. allauth keeps it in a session, so in a row of the
database for every visit of anybody; here it is in a signed cookie for some minutes, and good for one sign-in.
"""

from typing import Any

from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts import throttle

COOKIE = "passkey"
LIFETIME = 300  # seconds from the challenge to the answer
_SALT = "accounts.web.passkey"


class SignIn(LoginWebAuthnView):
    """The challenge and its answer."""

    def get(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *arguments, **options)
        state = request.session.pop(STATE_SESSION_KEY, None)
        if state is not None:
            response.set_cookie(
                COOKIE,
                signing.dumps(state, salt=_SALT),
                max_age=LIFETIME,
                path=request.path,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Strict",
            )
        return response

    def post(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        try:
            state = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=LIFETIME)
        except signing.BadSignature:
            state = None
        self.challenge = str(state["challenge"]) if isinstance(state, dict) else ""
        if state is not None:
            request.session[STATE_SESSION_KEY] = state
        try:
            response: HttpResponse = super().post(request, *arguments, **options)
        finally:
            request.session.pop(STATE_SESSION_KEY, None)
        response.delete_cookie(COOKIE, path=request.path)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """An answer that somebody has copied with its cookie is worth nothing any more."""
        if not throttle.first_use(f"passkey {self.challenge}"):
            return self.form_invalid(form)
        return super().form_valid(form)


sign_in = never_cache(SignIn.as_view())
