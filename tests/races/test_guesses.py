"""Three processes with forty threads each guess at one account: no more is tried than is free, in whatever way."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from accounts import throttle
from tests.races.test_eight_writers import ROOT, environment, product, run

__all__ = ["environment", "product"]  # a fixture, and what it needs

SECOND_FACTOR = """
import django; django.setup()
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from accounts.models import User
user = User.objects.get(email="ada@example.com")
TOTP.activate(user, generate_totp_secret())
RecoveryCodes.activate(user)
"""
ACCOUNT = """
import django; django.setup()
from accounts.models import User
User.objects.update(email="ada@example.com")
"""


@pytest.mark.timeout(600)
def test_guesses_at_the_same_moment_are_no_more_than_the_free_ones(product: dict[str, str]) -> None:
    run(product, "-c", ACCOUNT)
    run(product, "-c", SECOND_FACTOR)
    for kinds in (["basic", "basic", "form"], ["totp", "totp", "recovery"], ["other"] * 3):
        guessers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.races.guesser", kind, "40"],
                env=product,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for kind in kinds
        ]
        said = [guesser.communicate(timeout=300)[0] for guesser in guessers]
        assert [guesser.returncode for guesser in guessers] == [0, 0, 0]
        counts: Counter[str] = sum((Counter(json.loads(line)) for line in said), Counter())
        assert counts == {"tried": throttle.ACCOUNT.free + 1, "refused": 120 - throttle.ACCOUNT.free - 1}, kinds
