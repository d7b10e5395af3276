"""A record to be tampered with: acts of all shapes, sealed in several steps, with anchors and two keys."""

import random
from typing import Any

from django.db import connection

from accounts.actor import Actor, Principal, PrincipalKind, principal_of, system
from accounts.audit import record
from accounts.chain import sealing
from accounts.chain.proof import Finding, GivenAnchor, Report, verify
from accounts.models import AuditAnchor, AuditHead
from tests.support.people import make_user

KINDS = ("sign_in", "sign_in.failed", "token.create", "grant.set", "team.change", "link.visit")
NAMES = ("Räksmörgås", "=cmd()", 'a "quoted" name', "two\nlines", "", "x" * 200)


def act(chance: random.Random, people: list[int], team_id: int) -> None:
    """One of some kind by somebody."""
    actor = chance.choice(
        [
            Actor(principal_of(chance.choice(people)), team_id=team_id, client="a browser", address="192.0.2.7"),
            Actor(client="someone", address="2001:db8::1"),
            Actor(Principal(PrincipalKind.LINK, chance.randrange(1, 99)), team_id=team_id, address="::ffff:192.0.2.9"),
            system("tests"),
        ]
    )
    detail: dict[str, Any] = {"number": chance.randrange(10**6), "ratio": chance.choice([0.5, 1.0, 1e22, -0.0])}
    detail |= {"z": {"b": [1, None, True], "a": "ü"}} if chance.random() < 0.5 else {}
    record(actor, chance.choice(KINDS), chance.choice(NAMES), by_grant=chance.choice([None, 5]), **detail)


def make_record(rows: int = 120, *, seed: int = 1) -> None:
    """`rows` acts in the chain, in several steps, each with an anchor; two are not sealed yet."""
    chance, user = random.Random(seed), make_user()
    people, team_id = [user.pk, make_user(team=user.membership.team).pk], user.membership.team_id
    for step in range(4):
        for _ in range(rows // 4):
            act(chance, people, team_id)
        sealing.seal_pending()
        add_anchor()
        if step == 1:
            begin_key()
    for _ in range(2):
        act(chance, people, team_id)


def add_anchor() -> None:
    """As an hour later."""
    head = sealing.locked_head()
    sealing.add_anchor(head, sealing.key_of(head), position=head.position, digest=head.digest)


def begin_key() -> None:
    """As a rotation of SECRET_KEY does."""
    head = sealing.locked_head()
    head.key_number += 1
    sealing.sign_head(head, sealing.new_key(head.chain, number=head.key_number, first_position=head.position + 1))


def findings(given: list[GivenAnchor] | None = None) -> list[Finding]:
    found: list[Finding] = []
    verify(found.append, given=given or [])
    return found


def report() -> Report:
    return verify(lambda finding: None)


def lines() -> list[str]:
    return [finding.line() for finding in findings()]


def sql(statement: str, *values: Any) -> None:
    """As somebody who has got at the database."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def kept_outside() -> list[GivenAnchor]:
    """All anchors, as the log has told them."""
    chain = AuditHead.objects.get().chain
    return [GivenAnchor(chain, anchor) for anchor in AuditAnchor.objects.order_by("number")]
