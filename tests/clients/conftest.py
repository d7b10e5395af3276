"""One running product for the clients, which writes down what it is asked, and an account for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.request_log import RequestLog
from tests.clients.trees import Remote
from tests.servers.product import Account, Product, start_product

AT_ONCE = 8  # accounts that one process makes: it takes two seconds to start


@pytest.fixture(scope="session")
def logging_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with start_product(tmp_path_factory.mktemp("product"), ACCESS_LOG="on") as product:
        yield product


@pytest.fixture(scope="session")
def new_account(logging_product: Product) -> Callable[[], Account]:
    """Accounts without a quota that nobody has used yet."""
    return _maker(logging_product, "person", "none")


@pytest.fixture(scope="session")
def new_small_account(logging_product: Product) -> Callable[[], Account]:
    """Accounts that have room for 1,000,000 bytes."""
    return _maker(logging_product, "small", "1MB")


def _maker(product: Product, name: str, quota: str) -> Callable[[], Account]:
    left: list[Account] = []
    made = 0

    def take() -> Account:
        nonlocal made
        if not left:
            emails = [f"{name}{made + number}@example.com" for number in range(AT_ONCE)]
            left.extend(product.create_accounts(emails, quota=quota))
            made += AT_ONCE
        return left.pop(0)

    return take


@pytest.fixture
def small_person(new_small_account: Callable[[], Account]) -> Account:
    return new_small_account()


@pytest.fixture
def person(new_account: Callable[[], Account]) -> Account:
    return new_account()


@pytest.fixture
def remote(logging_product: Product, person: Account) -> Remote:
    return Remote(logging_product.base_url, person.headers)


@pytest.fixture
def log(logging_product: Product) -> RequestLog:
    """From the beginning of the test on."""
    assert logging_product.web is not None
    return RequestLog(Path(logging_product.web.log))
