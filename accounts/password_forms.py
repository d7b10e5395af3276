"""allauth's forms for passwords: guesses need a permit, and a changed password can end what else lets somebody in.

A request for a new password looks nobody up. The job that sends the mail does, so that an address without an account
takes the same time as one with an account.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    UserTokenForm,
    default_token_generator,
)
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import links, outgoing_mail, throttle
from accounts.actions.tokens import revoke_tokens
from accounts.adapter import permit_for_form
from accounts.models import User
from accounts.request_actor import actor_for

NO_MAIL = _("This server cannot send e-mail. Ask its administrator for a new password.")


class _OffersToRevoke(forms.Form):
    """A new password ends all other sessions by itself; devices and tokens have secrets of their own."""

    user: User

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["revoke"] = forms.BooleanField(
            label=_("Also revoke all my devices and access tokens"),
            help_text=_("For when somebody else may have had the password. Every device has to be connected again."),
            required=False,
        )

    def save(self) -> None:
        super().save()  # type: ignore[misc]
        if self.cleaned_data.get("revoke"):
            revoke_tokens(actor_for(context.request, self.user), user_id=self.user.pk)


class OwnChangePasswordForm(_OffersToRevoke, ChangePasswordForm):
    """A new password for who knows the old one, which is a guess like any other."""

    def clean_oldpassword(self) -> str:
        """Whoever found a session must not find out the password by it."""
        email = self.user.email
        permit = permit_for_form(throttle.PASSWORD, email, context.request, device_of=email)
        password: str = super().clean_oldpassword()
        permit.succeeded()
        return password


class OwnSetPasswordForm(_OffersToRevoke, SetPasswordForm):
    """A first password for who has none."""


class OwnResetPasswordKeyForm(_OffersToRevoke, ResetPasswordKeyForm):
    """A new password by the link of a mail."""


class OwnResetPasswordForm(ResetPasswordForm):
    """Asking for such a mail."""

    mail_is_sent = property(lambda self: settings.MAIL_IS_SENT)

    def clean_email(self) -> str:
        """Looks nobody up: the job does."""
        if not settings.MAIL_IS_SENT:
            raise ValidationError(NO_MAIL, code="no_mail")
        email: str = get_adapter().clean_email(self.cleaned_data["email"].lower())
        return email

    def save(self, request: HttpRequest, **options: Any) -> str:
        email: str = self.cleaned_data["email"]
        ask_for_reset(email)
        return email


class OwnUserTokenForm(UserTokenForm):
    """The link of the mail: each try at its key is a guess."""

    def clean(self) -> dict[str, Any]:
        """Slowed by address and account together: a stranger's guesses must not hinder whoever has the link."""
        account = str(self.cleaned_data.get("uidb36", ""))
        permit = permit_for_form(throttle.RESET_KEY, account, context.request, device_of="")
        cleaned: dict[str, Any] = super().clean()
        permit.succeeded()
        return cleaned


def ask_for_reset(email: str) -> None:
    outgoing_mail.queue("password_reset", email=email)


def reset_messages(content: dict[str, Any]) -> Iterable[EmailMessage]:
    """For the job: one message for each person with this address, of whom there is mostly one or none."""
    email: str = content["email"]
    adapter = get_adapter()
    for user in filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True):
        context = {"user": user, "email": email, "current_site": links.site(), "password_reset_url": _link(user)}
        yield adapter.render_mail("account/email/password_reset_key", email, context)


def _link(user: User) -> str:
    key = quote(f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return links.absolute(path.replace("UID-KEY", key))
