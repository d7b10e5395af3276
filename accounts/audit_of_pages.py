"""What happens in the pages of django-allauth and has no action of ours: signing out, second factors, addresses.

They tell of it by their signals only. What they do by our adapter is recorded there (accounts/adapter.py): sign-ins,
failed ones, changes of the password.
"""

from typing import Any

from allauth.account import signals as of_account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as of_factors
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from accounts.actions.support_endings import end_signed_out_support
from accounts.audit import record
from accounts.models import User
from accounts.request_actor import actor_for
from accounts.support import SESSION_KEY


def connect() -> None:
    """Once, when the app is ready."""
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    for signal, kind in (
        (of_factors.authenticator_added, "second_factor.add"),
        (of_factors.authenticator_removed, "second_factor.remove"),
        (of_factors.authenticator_reset, "second_factor.renew"),
        (of_factors.authentication_failed, "second_factor.failed"),
    ):
        signal.connect(_about_factor(kind), dispatch_uid=f"audit {kind}", weak=False)
    of_account.email_added.connect(_added, dispatch_uid="audit")
    of_account.email_confirmed.connect(_confirmed, dispatch_uid="audit")
    of_account.email_changed.connect(_changed, dispatch_uid="audit")
    of_account.email_removed.connect(_removed, dispatch_uid="audit")


def _signed_out(request: HttpRequest, user: User | None, **options: Any) -> None:
    if user is not None:  # a session of nobody ends, too
        access_id = request.session.get(SESSION_KEY) if hasattr(request, "session") else None
        if access_id is not None:
            end_signed_out_support(actor_for(request, user), access_id=access_id)
        record(actor_for(request, user), "sign_out", user.email)


def _about_factor(kind: str) -> Any:
    def receive(request: HttpRequest, user: User, authenticator: Authenticator, **options: Any) -> None:
        record(actor_for(request, user), kind, user.email, user=user.pk, kinds=[str(authenticator.type)])

    return receive


def _added(request: HttpRequest, user: User, email_address: EmailAddress, **options: Any) -> None:
    record(actor_for(request, user), "email.add", email_address.email, user=user.pk)


def _confirmed(request: HttpRequest, email_address: EmailAddress, **options: Any) -> None:
    user = email_address.user
    record(actor_for(request, user), "email.confirm", email_address.email, user=user.pk)


def _changed(request: HttpRequest, user: User, to_email_address: EmailAddress, **options: Any) -> None:
    before = options.get("from_email_address")
    detail = {"before": getattr(before, "email", None), "after": to_email_address.email}
    record(actor_for(request, user), "email.change", to_email_address.email, user=user.pk, **detail)


def _removed(request: HttpRequest, user: User, email_address: EmailAddress, **options: Any) -> None:
    record(actor_for(request, user), "email.remove", email_address.email, user=user.pk)
