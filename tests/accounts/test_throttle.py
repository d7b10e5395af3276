"""accounts.throttle: guessing is slowed, and nothing gets round it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import throttle
from accounts.authentication import actor_from_basic
from accounts.errors import InvalidCredentials, TooManyAttempts
from accounts.models import SignInThrottle
from tests.support.people import PASSWORD, make_token, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "192.0.2.1"


def guess(email: str, number: int, address: str | None = ADDRESS) -> type[Exception]:
    with pytest.raises((InvalidCredentials, TooManyAttempts)) as caught:
        actor_from_basic(email, f"wrong {number}", address=address)
    return caught.type


def let_time_pass(seconds: int) -> None:
    for row in SignInThrottle.objects.all():
        row.last_failure_at -= timedelta(seconds=seconds)
        row.blocked_until = row.blocked_until and row.blocked_until - timedelta(seconds=seconds)
        row.save()


def test_delays_double_up_to_the_longest() -> None:
    delays = [throttle.ACCOUNT.delay(failures) for failures in range(15)]
    assert delays == [0, 0, 0, 0, 0, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert throttle.ACCOUNT.delays == [4, 8, 16, 32, 60]
    assert throttle.ADDRESS.delay(10**9) == 30


def test_an_account_is_slowed_after_some_failures_from_anywhere() -> None:
    user = make_user()
    kinds = [guess(user.email, number, f"192.0.2.{number}") for number in range(8)]
    assert kinds == [InvalidCredentials] * 5 + [TooManyAttempts] * 3
    with pytest.raises(TooManyAttempts) as caught:
        actor_from_basic(user.email, PASSWORD, address="198.51.100.1")
    assert caught.value.detail["retry_after"] <= throttle.FIRST_DELAY
    let_time_pass(throttle.FIRST_DELAY)
    assert actor_from_basic(user.email, PASSWORD, address="198.51.100.1").user_id == user.pk


def test_an_unknown_account_is_slowed_alike() -> None:
    kinds = [guess("nobody@example.com", number, f"192.0.2.{number}") for number in range(7)]
    assert kinds == [InvalidCredentials] * 5 + [TooManyAttempts] * 2


@pytest.mark.parametrize(
    "write", [str.upper, str.title, lambda email: f" {email} ", lambda email: email.replace("s", "ſ")]
)
def test_writing_the_address_differently_does_not_help(write: Any) -> None:
    user = make_user("strasse@example.com")
    for number in range(6):
        guess(user.email, number, f"192.0.2.{number}")
    assert guess(write(user.email), 7, "198.51.100.1") is TooManyAttempts


def test_an_address_is_slowed_over_many_accounts() -> None:
    free = throttle.ADDRESS.free
    kinds = [guess(f"person{number}@example.com", number) for number in range(free + 2)]
    assert kinds == [InvalidCredentials] * (free + 1) + [TooManyAttempts]
    assert guess("person99@example.com", 1, "198.51.100.1") is InvalidCredentials


def test_an_ipv6_customer_is_one_address() -> None:
    for number in range(throttle.ADDRESS.free + 1):
        guess(f"person{number}@example.com", number, f"2001:db8:1:2::{number:x}")
    assert guess("someone@example.com", 1, "2001:db8:1:2:ffff::1") is TooManyAttempts
    assert guess("someone@example.com", 1, "2001:db8:1:3::1") is InvalidCredentials


def test_a_success_resets_the_account_but_not_the_address() -> None:
    user = make_user()
    for number in range(4):
        guess(user.email, number)
    actor_from_basic(user.email, PASSWORD, address=ADDRESS)
    rows = {row.key.partition(":")[0]: row.failures for row in SignInThrottle.objects.all()}
    assert rows == {"address": 4}


def test_a_password_costs_few_queries(django_assert_num_queries: Any) -> None:
    user = make_user()
    # The person, blocked?, a permit (savepoint, account, address, release); and it is given back to both.
    with django_assert_num_queries(8):
        actor_from_basic(user.email, PASSWORD, address=ADDRESS)


def test_who_is_blocked_writes_nothing(django_assert_num_queries: Any) -> None:
    for number in range(5):
        guess("anna@example.com", number)
    with django_assert_num_queries(2) as captured:
        guess("anna@example.com", 6)
    assert all(query["sql"].lstrip().startswith("SELECT") for query in captured.captured_queries)


def test_failures_are_forgotten_after_the_window() -> None:
    user = make_user()
    for number in range(6):
        guess(user.email, number)
    let_time_pass(15 * 60 + 1)
    kinds = [guess(user.email, number) for number in range(10, 15)]
    assert kinds == [InvalidCredentials] * 5


def test_a_token_is_never_slowed_and_never_counts() -> None:
    user = make_user()
    _token, secret = make_token(user)
    for number in range(30):
        guess(user.email, number)
    assert actor_from_basic(user.email, secret, address=ADDRESS).user_id == user.pk
    SignInThrottle.objects.all().delete()
    for _ in range(30):
        with pytest.raises(InvalidCredentials):
            actor_from_basic(user.email, "dbx_" + "a" * 40, address=ADDRESS)
    assert not SignInThrottle.objects.exists()


def test_purge_keeps_only_what_still_counts() -> None:
    guess("old@example.com", 1)
    let_time_pass(15 * 60 + 1)
    guess("new@example.com", 1, "198.51.100.1")
    assert throttle.purge() == 2
    assert SignInThrottle.objects.filter(last_failure_at__gt=timezone.now() - throttle.WINDOW).count() == 2


def basic(email: str, password: str) -> dict[str, str]:
    import base64

    return {"Authorization": "Basic " + base64.b64encode(f"{email}:{password}".encode()).decode()}


def test_a_forged_forwarded_for_does_not_help(client: Client, settings: Any) -> None:
    """Through the whole stack of middleware, without and behind a trusted proxy."""
    for number in range(throttle.ADDRESS.free + 2):
        headers = {**basic(f"person{number}@example.com", "wrong"), "X-Forwarded-For": f"192.0.2.{number}"}
        answer = client.get("/api/v1/account", headers=headers)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    assert answer.json()["retry_after"] == int(answer.headers["Retry-After"])


def test_behind_a_trusted_proxy_the_real_client_is_slowed(settings: Any) -> None:
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1/32"),)
    client = Client()
    for number in range(throttle.ADDRESS.free + 2):
        forged = f"192.0.2.{number}, 203.0.113.9"
        headers = {**basic(f"person{number}@example.com", "wrong"), "X-Forwarded-For": forged}
        answer = client.get("/api/v1/account", headers=headers)
    assert answer.status_code == 429
    other = {**basic("someone@example.com", "wrong"), "X-Forwarded-For": "203.0.113.10"}
    assert client.get("/api/v1/account", headers=other).status_code == 401
