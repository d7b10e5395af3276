"""Whether a session's person has shown lately who they are: signed in, or typed the password or a code once more.

What outlives a session (tokens, app passwords, passkeys, second factors) is made only then: a browser that was left
open, or a session that was stolen, must not turn into something that lasts.
"""

import time

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User


def proved_recently(request: HttpRequest) -> bool:
    """Costs no query: the times are in the session. False for a session that knows of none."""
    if not isinstance(request.user, User):
        return False
    times = [record.get("at", 0.0) for record in get_authentication_records(request, request.user)]
    return bool(times) and time.time() - max(times) < settings.PROOF_LIFETIME.total_seconds()
