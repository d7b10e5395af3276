"""System checks of the installation, run by `manage.py check` and at every start of `make run`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from dropbox_clone import start_checks
from dropbox_clone.configuration import foreign_variables
from dropbox_clone.env import one_clear_line


@register("configuration")
def check_foreign_variables(**kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"{name} is not read: it is no setting of ours. If {meant} was meant, rename it.", id="dropbox_clone.W003"
        )
        for name, meant in foreign_variables()
    ]


@register("configuration")
def check_storage_url(**kwargs: Any) -> list[CheckMessage]:
    """Ends the process with one line, as every wrong setting does. No server is asked, and no folder is made."""
    if settings.CONFIGURATION.storage.scheme != "file" and not settings.STORAGE_MAY_FORGET:
        with one_clear_line():
            start_checks.check_storage_url()
    return []


@register("configuration")
def check_addresses(**kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Warning("Any Host header is accepted. Set BASE_URL or ALLOWED_HOSTS.", id="dropbox_clone.W002"))
    if not settings.LINKS_KNOWN:
        text = "Mails with links, and sync clients that sign in by the browser, are refused. Set BASE_URL."
        found.append(Warning(text, id="dropbox_clone.W004"))
    return found


@register("configuration")
def check_sign_up(**kwargs: Any) -> list[CheckMessage]:
    if settings.SIGNUP != "open" or settings.MAIL_IS_SENT:
        return []
    return [
        Warning(
            "SIGNUP is open, but nobody can sign up: EMAIL_URL names no mail server to verify addresses with.",
            id="dropbox_clone.W005",
        )
    ]
