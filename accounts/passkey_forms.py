"""allauth's forms for passkeys; what is no credential at all is refused instead of failing."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms


class _OwnRules(forms.Form):
    def clean_credential(self) -> Authenticator:
        """allauth expects a mistake in some places of the browser's JSON but not in others."""
        try:
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise get_adapter().validation_error("incorrect_code") from error
        return authenticator


class OwnLoginForm(_OwnRules, LoginWebAuthnForm):
    """Signing in."""


class OwnAuthenticateForm(_OwnRules, AuthenticateWebAuthnForm):
    """The second factor."""


class OwnReauthenticateForm(_OwnRules, ReauthenticateWebAuthnForm):
    """Showing once more who one is."""
