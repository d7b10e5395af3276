"""One of the processes of test_guesses: many threads guess at one account at the same moment.

    python -m tests.races.guesser KIND THREADS      (settings by environment)

KIND is `basic`, `form`, `totp`, `recovery` or `other`. Prints one line of JSON: how many guesses were tried, how many
refused. A guess beyond the free ones blocks for ten minutes here, so that nothing depends on how fast the machine is.
"""

import json
import os
import sys
import threading
from collections import Counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")
django.setup()

from allauth.core.context import request_context
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory

from accounts import throttle
from accounts.adapter import AccountAdapter
from accounts.authentication import actor_from_basic
from accounts.errors import InvalidCredentials, TooManyAttempts
from accounts.models import User
from accounts.second_factor_forms import OwnAuthenticateForm
from accounts.throttle import Kind, Pace

EMAIL = "ada@example.com"


class Endless(Pace):
    def delay(self, failures: int) -> int:
        return 600 if failures > self.free else 0


PACE = Endless(free=throttle.ACCOUNT.free, longest=600)
throttle.PASSWORD, throttle.SECOND_FACTOR = Kind("account", PACE), Kind("factor", PACE)
OTHER = Kind("link", PACE)


def guess(kind: str, number: str) -> str:
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.1")
    try:
        if kind == "basic":
            actor_from_basic(EMAIL, f"wrong {number}", address="192.0.2.1")
        elif kind == "other":
            throttle.take(OTHER, "7", address="192.0.2.1")
            return "tried"
        elif kind == "form":
            found = AccountAdapter(request).authenticate(request, email=EMAIL, password=f"wrong {number}")
            return "right" if found else "tried"
        else:
            with request_context(request):
                code = number[-6:] if kind == "totp" else number[-8:]
                form = OwnAuthenticateForm({"code": code}, user=User.objects.get(email=EMAIL))
                return "right" if form.is_valid() else _why(form.errors.as_data()["code"][0])
    except InvalidCredentials:
        return "tried"
    except TooManyAttempts:
        return "refused"
    except ValidationError as error:
        return _why(error)
    return "right"


def _why(error: ValidationError) -> str:
    return {"incorrect_code": "tried", "too_many_attempts": "refused"}[str(error.code)]


def main(kind: str, threads: int) -> None:
    counts: Counter[str] = Counter()
    gate = threading.Barrier(threads)

    def one(number: int) -> None:
        gate.wait()
        try:
            counts[guess(kind, f"{os.getpid():06}{number:04}")] += 1
        finally:
            connection.close()

    running = [threading.Thread(target=one, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    print(json.dumps(counts))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
