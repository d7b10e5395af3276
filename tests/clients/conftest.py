"""One running product for the clients, which writes down what it is asked, and an account for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.request_log import RequestLog
from tests.clients.trees import Remote
from tests.servers.product import Account, Product, start_product
from tests.servers.shared import Accounts


@pytest.fixture(scope="session")
def logging_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with start_product(tmp_path_factory.mktemp("product"), ACCESS_LOG="on") as product:
        yield product


@pytest.fixture(scope="session")
def new_account(logging_product: Product) -> Callable[[], Account]:
    """Accounts without a quota that nobody has used yet."""
    return Accounts(logging_product).take


@pytest.fixture(scope="session")
def new_small_account(logging_product: Product) -> Callable[[], Account]:
    """Accounts that have room for 1,000,000 bytes."""
    return Accounts(logging_product, "small", quota="1MB").take


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
