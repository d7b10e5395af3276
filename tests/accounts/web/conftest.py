"""Pages are tested for what they do and what they hand to their templates, not for the templates' HTML."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.support.people import make_user, sign_in

NAMES = (
    "accounts/setup.html",
    "accounts/tokens.html",
    "accounts/devices.html",
    "accounts/revoke.html",
    "accounts/device_grant.html",
    "accounts/device_granted.html",
    "accounts/device_denied.html",
    "accounts/device_unknown.html",
    "account/login.html",
    "account/reauthenticate.html",
    "account/signup.html",
    "account/signup_closed.html",
    "account/verification_sent.html",
    "account/email_confirm.html",
    "account/password_reset.html",
    "account/password_reset_from_key.html",
    "account/password_change.html",
    "mfa/authenticate.html",
    "mfa/totp/activate_form.html",
)
PAGES = dict.fromkeys(NAMES, "{{ form.errors }}{{ form.non_field_errors }}")
PAGES |= {
    "accounts/token_created.html": "{{ new_token }}",
    "accounts/device_created.html": "{{ app_password }}",
    "403.html": "403",
    "404.html": "404",
    "429.html": "429",
    "500.html": "500",
}


@pytest.fixture(autouse=True)
def plain_pages(settings: Any) -> None:
    """The project's templates are replaced; allauth's own ones for mail and notices stay."""
    [engine] = settings.TEMPLATES
    options = {
        **engine["OPTIONS"],
        "loaders": [
            ("django.template.loaders.locmem.Loader", PAGES),
            "django.template.loaders.app_directories.Loader",
        ],
    }
    settings.TEMPLATES = [{**engine, "DIRS": [], "APP_DIRS": False, "OPTIONS": options}]


@pytest.fixture
def user(client: Client) -> User:
    """Signed in, in `client`."""
    user = make_user()
    sign_in(client, user)
    return user
