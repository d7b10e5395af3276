"""A world with a second tenant and a world without: 2,000 requests of the first are answered alike.

Bob asks about his own things and about numbers that are Alice's, sends bytes that she has already and words that are in
her files. Status, headers, body and order must be equal after names are given to what is random (normal.py).
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management.color import no_style
from django.db import connection, transaction
from django.urls import URLPattern, get_resolver
from pytest_django import Settings

from accounts.models import AccessToken, AuditEvent, Membership, QuotaAccount, Team, User
from accounts.throttle import Pace
from files import journal_follower
from files.maintenance.compact import run_compact
from files.maintenance.gc import run_gc
from search.indexing import following
from sharing import guesses
from tests.isolation.normal import Names, named, normal
from tests.isolation.tenants import Alice, Bob
from tests.support.people import make_user

REQUESTS = int(os.environ.get("ISOLATION_REQUESTS", "2000"))
SETTLES = 40  # requests between two runs of the jobs
# Addresses that are not asked for here: signing in and its settings (the same times and answers for unknown people are
# tested with accounts), what administrators see of all, the schema, and what changes no file.
ELSEWHERE = (
    "accounts/",
    "admin/",
    "setup/",
    "metrics",
    "healthz",
    "readyz",
    "api/v1/schema/",
    "api/v1/docs/",
    "static",
)
ELSEWHERE += ("api/v1/accounts/", "api/v1/teams/", "api/v1/tokens/", "api/v1/team/members/", "settings/tokens/<")
ELSEWHERE += ("settings/devices/<", "index.php/login/", "ocs/v<")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_follower, "PAUSE", 0)
    # How long a guesser of links has to wait is a matter of the clock.
    monkeypatch.setattr(guesses, "LINK_ADDRESS", replace(guesses.LINK_ADDRESS, pace=Pace(free=10**9, longest=1)))


@pytest.mark.timeout(900)
def test_every_answer_is_the_same_without_the_other_tenant(settings: Settings) -> None:
    together, numbers, routes = _world(settings, "with", foreign=None)
    alone, _, _ = _world(settings, "without", foreign=numbers)
    for index, ((what, one), (same, other)) in enumerate(zip(together, alone, strict=True)):
        assert what == same, f"request {index} was another one: an answer before it differed"
        for part in ("status", "headers", "cookies", "body"):
            assert one[part] == other[part], f"request {index}, {what}: {part} with and without the other tenant"
    good = sum(one["status"] < 400 for _, one in together)
    assert good > REQUESTS * 0.4, f"only {good} requests were of use"
    assert [route for route in _routes() if route not in routes] == [], "a new route that Bob cannot ask"


def _world(settings: Settings, name: str, *, foreign: list[str] | None) -> Any:
    """What Bob was answered, Alice's numbers, and the routes. Alice is there when her numbers are not known yet."""
    settings.STORAGE_URL = f"memory://isolation-{name}"
    settings.BRAKE = False  # each of them changes very much
    cache.clear()
    _forget_counters()
    with transaction.atomic():
        bob = Bob(make_user("bob@example.com"))
        alice = Alice(make_user("alice@example.org")) if foreign is None else None
        bob.foreign = alice.numbers() if alice is not None else list(foreign or ())
        following.INDEX.follow_all(seconds=60)
        found = list(_ask(bob, alice))
        transaction.set_rollback(True)
    _forget_counters()
    names = Names({number.replace("-", ""): f"foreign-{index}" for index, number in enumerate(bob.foreign)})
    routes = {route for _, _, route in found}
    answers = [(named(what, names), _normal(answer, names, what)) for what, answer, _ in found]
    return answers, bob.foreign, routes


def _ask(bob: Bob, alice: Alice | None) -> Any:
    for index, (what, answer) in enumerate(bob.requests(REQUESTS, _routes())):
        yield what, _whole(answer), answer.resolver_match.route if answer.resolver_match else ""
        if alice is not None and index % 3 == 0:
            alice.act()
        if index % SETTLES == 0:
            following.INDEX.follow_all(seconds=60)
        if index % (SETTLES * 10) == 0:
            run_gc()
            run_compact()


def _whole(answer: Any) -> Any:
    """Read to its end while its world is there."""
    if answer.streaming:
        data = b"".join(answer.streaming_content)
        answer.streaming_content = iter([data])
    return answer


def _normal(answer: Any, names: Names, what: str) -> dict[str, Any]:
    return normal(answer, names, tokens="tokens" in what or "devices" in what)


def _forget_counters() -> None:
    """Accounts are still counted: both worlds begin at the same number."""
    models = [User, Team, Membership, QuotaAccount, AccessToken, AuditEvent]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _routes() -> list[str]:
    def below(patterns: Any, prefix: str = "") -> Any:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            yield from [route] if isinstance(pattern, URLPattern) else below(pattern.url_patterns, route)

    return sorted({route for route in below(get_resolver().url_patterns) if not route.startswith(ELSEWHERE)})
