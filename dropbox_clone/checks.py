"""System checks of the installation, run by `manage.py check` and at every start of `make run`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register("configuration")
def check_hosts(**kwargs: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Warning(
            "Any Host header is accepted, and mails have links with it. Set BASE_URL or ALLOWED_HOSTS.",
            id="dropbox_clone.W002",
        )
    ]
