"""allauth's forms for second factors: guesses of codes are slowed down, no code works twice, and input for a passkey
that is no credential at all is refused instead of failing.
"""

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import throttle
from accounts.adapter import permit_for_form
from accounts.models import User

KEY_IS_GONE = _("This server cannot read your second factor any more. Ask its administrator to remove it.")


class _OwnRules(forms.Form):
    """A permit is taken before a code is tried, so that guesses at one moment are no more than one after another."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        email = self.user.email
        permit = permit_for_form(throttle.SECOND_FACTOR, email, context.request, device_of=email)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            if self.authenticator.type == Authenticator.Type.TOTP:
                use_up(self.authenticator, code)
        except PermissionDenied as error:  # sealed with a key that is gone; the log says so too
            raise ValidationError(KEY_IS_GONE, code="sealed_with_another_key") from error
        permit.succeeded()
        return code


class OwnAuthenticateForm(_OwnRules, AuthenticateForm):
    """The code at sign-in."""


class OwnReauthenticateForm(_OwnRules, ReauthenticateForm):
    """The code that shows once more who one is."""


def use_up(authenticator: Authenticator, code: str) -> None:
    """Accepts a right code once and none before it (RFC 6238, section 5.2), in whichever process.

    allauth remembers used codes in the cache, which each process of the embedded shape has for itself.
    """
    secret = decrypt(authenticator.data["secret"])
    matching = [
        counter
        for counter in yield_hotp_counters_from_time()
        if format_hotp_value(hotp_value(secret, counter)) == "".join(code.split())
    ]
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        if not matching or matching[-1] <= row.data.get("last_counter", 0):
            raise get_adapter().validation_error("incorrect_code")
        row.data["last_counter"] = matching[-1]
        row.save(update_fields=["data"])
    authenticator.data = row.data


class _CleanCredential(forms.Form):
    def clean_credential(self) -> Authenticator:
        """allauth expects a mistake in some places of the browser's JSON but not in others."""
        try:
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise get_adapter().validation_error("incorrect_code") from error
        return authenticator


class PasskeyLoginForm(_CleanCredential, LoginWebAuthnForm):
    """Signing in."""


class PasskeyAuthenticateForm(_CleanCredential, AuthenticateWebAuthnForm):
    """The second factor."""


class PasskeyReauthenticateForm(_CleanCredential, ReauthenticateWebAuthnForm):
    """Showing once more who one is."""
