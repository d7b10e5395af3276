"""How django-allauth's flows act on our accounts: sign-up, sign-in, second factors."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import links, throttle
from accounts.actions.create_account import create_account
from accounts.audit import record
from accounts.errors import EmailTaken, TooManyAttempts
from accounts.models import User
from accounts.request_actor import actor_for, address_of, system_for
from accounts.secret_box import secret_box


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP == "open"

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """The whole account by the one action; allauth then adds the address and mails its verification."""
        data = form.cleaned_data
        try:
            return create_account(
                system_for(request),
                email=data["email"],
                password=data.get("password1"),
                name=data.get("name", ""),
                email_verified=None,
            )
        except EmailTaken as error:
            # Somebody else signed up with it this very moment. Say the same as to a new address.
            raise ImmediateHttpResponse(self.respond_email_verification_sent(request, None)) from error

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Raises LinksUnknown, which the middleware makes a page of."""
        if not settings.LINKS_KNOWN and any(name.endswith("url") for name in context):
            raise links.LinksUnknown
        super().send_mail(template_prefix, email, {"current_site": links.site(), **context})

    def is_safe_url(self, url: str) -> bool:
        """Where to go on after signing in: here, or at BASE_URL, whatever the Host header says."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts={urlsplit(settings.BASE_URL).netloc})

    def get_client_ip(self, request: HttpRequest) -> str:
        """TrustedProxyMiddleware has put the client's address into REMOTE_ADDR; a Unix socket has none."""
        return address_of(request) or "0.0.0.0"  # noqa: S104

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Instead of allauth's limit in the cache, which in the embedded shape each process counts alone."""
        refuse_when_slowed(credentials.get("email", ""), request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            throttle.succeeded(credentials.get("email", ""))
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        email = credentials.get("email", "")
        throttle.failed(email, address_of(request))
        record(system_for(request), "sign_in.failed", email)

    def post_login(self, request: HttpRequest, user: User, **arguments: Any) -> Any:
        response = super().post_login(request, user, **arguments)
        record(actor_for(request, user), "sign_in", user.email)
        return response

    def set_password(self, user: User, password: str) -> None:
        """By reset or change. All other sessions end, since a session depends on the password's hash."""
        super().set_password(user, password)
        throttle.succeeded(user.email)
        record(actor_for(self.request, user), "password.change", user.email)

    def _rollback_login_failed_rl_usage(self) -> None:
        """Nothing: see pre_authenticate."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted in the database, with a key made from SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return secret_box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return secret_box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise PermissionDenied(_("The second factor was made with another secret key.")) from error

    def get_totp_issuer(self) -> str:
        name = links.site().name if settings.LINKS_KNOWN else self._get_site_name()
        return f"dropbox_clone ({name})"


def refuse_when_slowed(account: str, request: HttpRequest) -> None:
    """Raises the ValidationError that a form shows, instead of TooManyAttempts."""
    try:
        throttle.check(account, address_of(request))
    except TooManyAttempts as error:
        seconds = error.detail["retry_after"]
        message = _("Too many failed attempts. Try again in %(seconds)s seconds.")
        raise ValidationError(message % {"seconds": seconds}, code="too_many_attempts") from error
