"""System checks of the installation, run by `manage.py check` and at every start of `make run`."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from dropbox_clone.configuration import configured_names


def misspelt_variables(names: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of an unknown variable and the known one that was probably meant."""
    known = configured_names()
    pairs = []
    for name in names:
        if name in known:
            continue
        close = get_close_matches(name, known, n=1, cutoff=0.88)
        if close:
            pairs.append((name, close[0]))
    return pairs


@register("configuration")
def check_variable_names(**kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"The environment variable {name} means nothing here; did you mean {known}?",
            id="dropbox_clone.W001",
        )
        for name, known in misspelt_variables(sorted(os.environ))
    ]


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
