"""sharing.actions.link_passwords: guesses are slowed for who guesses, and for nobody else."""

from dataclasses import replace

import pytest
from django.core.cache import cache

from accounts import throttle
from accounts.actor import Actor
from accounts.errors import InvalidCredentials, TooManyAttempts
from accounts.models import AuditEvent, SignInThrottle
from sharing import errors
from sharing.actions import link_passwords as module
from sharing.actions.link_passwords import try_password
from sharing.actions.links import change_link, revoke_link
from sharing.queries.link_access import PROOF_LIFETIME, proof_is_good, renewed
from tests.sharing.linked import SECRET, VISITOR, Linked, opened
from tests.support.threads import at_once

FREE = throttle.ACCOUNT.free + 1


def visitor(number: int) -> Actor:
    return replace(VISITOR, address=f"10.{number // 250}.0.{number % 250}")


@pytest.mark.django_db
def test_the_password_opens_it(world: Linked) -> None:
    link = world.link(password=SECRET)
    with pytest.raises(errors.LinkPasswordRequired):
        opened(link)
    proof = try_password(link.token, VISITOR, password=SECRET)
    assert opened(link, proof=proof).place.node == world.home
    assert SECRET not in proof
    assert link.password not in proof


@pytest.mark.django_db
def test_proofs_are_good_for_one_link_one_password_and_some_time(
    world: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, other = world.link(password=SECRET), world.link(password=SECRET)
    proof = try_password(link.token, VISITOR, password=SECRET)
    assert not proof_is_good(other, proof)
    for wrong in ("", proof[:-1], proof + "x", "x" * 1_000, proof.upper()):
        assert not proof_is_good(link, wrong)
    actor = opened(link, proof=proof).actor
    changed = change_link(world.actor, link_id=link.pk, changes={"password": "another secret"})
    assert not proof_is_good(changed, proof)
    with pytest.raises(InvalidCredentials):
        renewed(actor)
    proof = try_password(link.token, VISITOR, password="another secret")
    from django.core import signing

    real = signing.time.time
    monkeypatch.setattr(signing.time, "time", lambda: real() + PROOF_LIFETIME + 1)
    assert not proof_is_good(changed, proof)


@pytest.mark.django_db
def test_a_link_without_a_password_needs_no_proof(world: Linked) -> None:
    assert try_password(world.link().token, VISITOR, password="anything") == ""


@pytest.mark.django_db
def test_who_guesses_is_slowed_and_nobody_else(world: Linked) -> None:
    link, other = world.link(password=SECRET), world.link(password=SECRET)
    tried = 0
    for number in range(200):
        try:
            try_password(link.token, VISITOR, password=f"guess {number}")
        except errors.LinkPasswordWrong:
            tried += 1
        except TooManyAttempts:
            pass
    assert tried == FREE
    with pytest.raises(TooManyAttempts) as slowed:
        try_password(link.token, VISITOR, password=SECRET)
    assert slowed.value.detail["retry_after"] > 0
    assert try_password(other.token, VISITOR, password=SECRET)
    assert try_password(link.token, visitor(1), password=SECRET)
    throttle.take(throttle.PASSWORD, world.owner.email, address=VISITOR.address).succeeded()


@pytest.mark.django_db
def test_many_addresses_get_nowhere_and_slow_nobody(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them is slowed by the others, and none blocks signing in."""
    monkeypatch.setattr(module, "check_password", lambda password, hashed: password == SECRET)
    link = world.link(password=SECRET)
    tried = 0
    for number in range(200):
        for guess in range(3 if number % 100 else FREE + 3):
            try:
                try_password(link.token, visitor(number), password=f"guess {number} {guess}")
            except errors.LinkPasswordWrong:
                tried += 1
            except TooManyAttempts:
                pass
    assert tried == 198 * 3 + 2 * FREE
    assert try_password(link.token, VISITOR, password=SECRET)
    assert not SignInThrottle.objects.filter(key__startswith="account:").exists()
    for number in (0, 100):
        throttle.take(throttle.PASSWORD, world.owner.email, address=visitor(number).address).succeeded()


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_are_no_more_than_the_free_ones(world: Linked) -> None:
    link = world.link(password=SECRET)
    acts = [lambda number=number: try_password(link.token, VISITOR, password=f"guess {number}") for number in range(20)]
    results = at_once(*acts, expected=Exception)
    assert sum(isinstance(result, errors.LinkPasswordWrong) for result in results) == FREE
    assert sum(isinstance(result, TooManyAttempts) for result in results) == 20 - FREE


@pytest.mark.django_db
def test_the_same_password_again_is_no_guess_and_costs_no_hash(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    link = world.link(password=SECRET)
    hashed = []
    real = module.check_password
    monkeypatch.setattr(module, "check_password", lambda *given: hashed.append(1) or real(*given))
    for _ in range(20):
        assert try_password(link.token, VISITOR, password=SECRET)
        with pytest.raises(errors.LinkPasswordWrong):
            try_password(link.token, VISITOR, password="an old one")
    assert len(hashed) == 2
    cache.clear()
    assert try_password(link.token, VISITOR, password=SECRET)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "x" * 201, "half \ud800", "\0"])
def test_odd_passwords_are_wrong(world: Linked, password: str) -> None:
    with pytest.raises(errors.LinkPasswordWrong):
        try_password(world.link(password=SECRET).token, VISITOR, password=password)


@pytest.mark.django_db
def test_no_guess_at_what_does_not_open(world: Linked) -> None:
    link = world.link(password=SECRET, audience="team")
    with pytest.raises(errors.LinkSignInRequired):
        try_password(link.token, VISITOR, password=SECRET)
    revoke_link(world.actor, link_id=link.pk)
    for slug in (link.token, "x" * 22, "../etc", "x" * 100, ""):
        with pytest.raises(errors.LinkNotFound):
            try_password(slug, VISITOR, password=SECRET)
    assert not SignInThrottle.objects.exists()


@pytest.mark.django_db
def test_wrong_guesses_are_recorded_once_for_a_network(world: Linked) -> None:
    """Where the team that the link belongs to finds it."""
    link = world.link(password=SECRET)
    for guess in ("wrong", "wrong", "wrong again"):
        with pytest.raises(errors.LinkPasswordWrong):
            try_password(link.token, VISITOR, password=guess)
    event = AuditEvent.objects.get(kind="link.failed")
    assert (event.target, event.team_id, event.address) == (str(link.pk), world.actor.team_id, VISITOR.address)
    assert "wrong" not in str(event.detail)
