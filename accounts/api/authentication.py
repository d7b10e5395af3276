"""Authentication of the REST framework: `request.auth` is the Actor, `request.user` its person, read lazily. And how
the OpenAPI schema describes it: those classes register themselves when this module is imported (apps.py).
"""

from typing import Any, cast

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.models import User
from accounts.request_actor import actor_from_header, actor_from_session, authenticate_request
from http_kit.problems import REALM


class LazyUser(SimpleLazyObject):
    """A person who is read from the database only when something about them is needed."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, actor: Actor) -> None:
        super().__init__(lambda: User.objects.get(pk=cast(int, actor.user_id)))

    def __bool__(self) -> bool:
        return True


class _HeaderAuthentication(BaseAuthentication):
    scheme = ""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if header.strip().partition(" ")[0].lower() != self.scheme:
            return None
        actor = actor_from_header(request._request)
        return LazyUser(actor), actor

    def authenticate_header(self, request: Request) -> str:
        return f'{self.scheme.title()} realm="{REALM}"'


class BearerAuthentication(_HeaderAuthentication):
    """`Authorization: Bearer dbx_...`. First in the list: so a browser does not open its own dialogue."""

    scheme = "bearer"


class BasicAuthentication(_HeaderAuthentication):
    """`Authorization: Basic ...` with the e-mail address and an access token or the password."""

    scheme = "basic"


class SessionAuthentication(BaseAuthentication):
    """The cookie of the web UI; unsafe methods need the X-CSRFToken header."""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        if "HTTP_AUTHORIZATION" in request.META:
            return None
        actor = actor_from_session(request._request)
        return None if actor is None else (request._request.user, actor)


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.authentication.BearerAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token, dbx_..."}


class BasicScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.authentication.BasicAuthentication"
    name = "basic"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "basic",
            "description": "E-mail address with an access token, or with the password where there is no second factor.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


__all__ = ["BasicAuthentication", "BearerAuthentication", "SessionAuthentication", "authenticate_request"]
