"""allauth's forms for codes of second factors, with guesses slowed."""

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.core.exceptions import ValidationError

from accounts import throttle
from accounts.adapter import refuse_when_slowed
from accounts.models import User
from accounts.request_actor import address_of


class _SlowedCode(forms.Form):
    """Counts wrong codes apart: a right password must not make further guesses at the code free."""

    user: User

    def clean_code(self) -> str:
        account, address = f"{self.user.email} second factor", address_of(context.request)
        refuse_when_slowed(account, context.request)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            throttle.failed(account, address)
            raise
        throttle.succeeded(account)
        return code


class SlowedAuthenticateForm(_SlowedCode, AuthenticateForm):
    pass


class SlowedReauthenticateForm(_SlowedCode, ReauthenticateForm):
    pass
