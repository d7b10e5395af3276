"""How django-allauth's flows act on our accounts: sign-up, sign-in, second factors."""

import logging
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import known_devices, links, throttle
from accounts.actions.create_account import sign_up
from accounts.audit import record
from accounts.errors import EmailTaken, InvalidCredentials, InvalidEmail, TooManyAttempts
from accounts.models import User
from accounts.names import clean_email
from accounts.outgoing_mail import queue_message
from accounts.request_actor import actor_for, address_of, proved_recently, require_signed_in, visitor_of
from accounts.secret_box import secret_box
from accounts.unit_of_work import unit_of_work

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """django-allauth's questions about accounts, answered by our rules."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Without a mail server nobody could verify an address."""
        return settings.SIGNUP == "open" and settings.MAIL_IS_SENT

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """The whole account by the one action; allauth then adds the address and mails its verification."""
        data = form.cleaned_data
        try:
            return sign_up(
                visitor_of(request), email=data["email"], password=data.get("password1"), name=data.get("name", "")
            )
        except EmailTaken as error:
            # Somebody else signed up with it this very moment. Say the same as to a new address.
            raise ImmediateHttpResponse(self.respond_email_verification_sent(request, None)) from error

    def clean_email(self, email: str) -> str:
        """The one rule of all addresses. Raises the ValidationError that a form shows."""
        try:
            return clean_email(email)
        except InvalidEmail as error:
            raise ValidationError(str(error), code=error.code) from error

    def is_safe_url(self, url: str) -> bool:
        """Where to continue after signing in: here, or at BASE_URL, whatever the Host header is."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts={urlsplit(settings.BASE_URL).netloc})

    def get_client_ip(self, request: HttpRequest) -> str:
        """TrustedProxyMiddleware has put the client's address into REMOTE_ADDR; a Unix socket has none."""
        return address_of(request) or "0.0.0.0"  # noqa: S104

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Instead of allauth's limit in the cache, which in the embedded shape each process counts alone."""
        email = credentials.get("email", "")
        self._permit = permit_for_form(throttle.PASSWORD, email, request, device_of=email)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            self._permit.succeeded()
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record(visitor_of(request), "sign_in.failed", credentials.get("email", ""))

    def post_login(self, request: HttpRequest, user: User, **arguments: Any) -> Any:
        response = super().post_login(request, user, **arguments)
        known_devices.remember(request, response, user.email)
        record(actor_for(request, user), "sign_in", user.email)
        return response

    def set_password(self, user: User, password: str) -> None:
        """By reset or change. All other sessions end, since a session depends on the password's hash.

        Only the one column is written: the person may have been stopped since their row was read.
        """
        signed_in = self.request.user.is_authenticated and self.request.user.pk == user.pk
        actor = require_signed_in(self.request) if signed_in else actor_for(self.request, user)
        user.set_password(password)  # slow on purpose, so outside the transaction
        try:
            with unit_of_work(actor) as actor:
                user.save(update_fields=["password"])
                record(actor, "password.change", user.email)
        except InvalidCredentials as error:
            raise PermissionDenied from error
        throttle.forget(throttle.PASSWORD, user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """By a job: a mail server that is slow or away must not show in the answer.

        Raises LinksUnknown, which the middleware makes a page of.
        """
        if not settings.LINKS_KNOWN and any(name.endswith("url") for name in context):
            raise links.LinksUnknown
        context = {"request": self.request, "email": email, "current_site": links.site(), **context}
        queue_message(self.render_mail(template_prefix, email, context))

    def send_account_already_exists_mail(self, email: str) -> None:
        """Instead of making an account, so it takes the time of that: of hashing a password."""
        make_password(get_random_string(12))
        super().send_account_already_exists_mail(email)

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """allauth would ask again after five minutes; a sign-in is as good."""
        return not proved_recently(self.request)

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
            logger.error("A second factor was sealed with another SECRET_KEY: see docs/operations/credentials.md")
            raise PermissionDenied(_("The second factor was made with another secret key.")) from error

    def get_totp_issuer(self) -> str:
        name = links.site().name if settings.LINKS_KNOWN else self._get_site_name()
        return f"dropbox_clone ({name})"


def permit_for_form(kind: throttle.Kind, name: str, request: HttpRequest, *, device_of: str) -> throttle.Permit:
    """Raises the ValidationError that a form shows, not TooManyAttempts. `device_of` is the account's address."""
    device = known_devices.number_of(request, device_of)
    try:
        return throttle.take(kind, name, address=address_of(request), device=device)
    except TooManyAttempts as error:
        seconds = error.detail["retry_after"]
        message = _("Too many failed attempts. Try again in %(seconds)s seconds.")
        raise ValidationError(message % {"seconds": seconds}, code="too_many_attempts") from error
