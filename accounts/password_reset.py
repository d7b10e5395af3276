"""Asking for a new password by mail. The request looks nobody up: the job does, so that an address without an account
costs the same time as one with.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts import links, outgoing_mail
from accounts.models import User


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
