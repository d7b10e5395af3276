"""One running product for all tests that need nothing special, and an account for each test.

A module whose tests need another environment overrides `product` with `products.running(...)`.
"""

from collections.abc import Iterator

import pytest

from tests.servers.product import Account, Product
from tests.servers.shared import AccountsOf, Products


@pytest.fixture(scope="session")
def products(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Products]:
    shared = Products(lambda: tmp_path_factory.mktemp("product"))
    yield shared
    shared.stop()


@pytest.fixture(scope="session")
def accounts() -> AccountsOf:
    return AccountsOf()


@pytest.fixture
def product(products: Products) -> Product:
    return products.running()


@pytest.fixture
def account(product: Product, accounts: AccountsOf) -> Account:
    """Of a person who has nothing yet, without a quota."""
    return accounts.take(product)
