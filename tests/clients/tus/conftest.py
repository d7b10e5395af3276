"""One running product for the clients of tus."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.product import Account, Product, start_product


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with start_product(tmp_path_factory.mktemp("product")) as product:
        yield product


@pytest.fixture(scope="module")
def account(product: Product) -> Account:
    return product.create_account("ada@example.com")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10 MiB and a bit, so that no piece ends where a block of the content hash does."""
    path = tmp_path_factory.mktemp("files") / "größe 100%.bin"
    path.write_bytes(bytes(range(251)) * (10 * 1024 * 1024 // 251 + 7))
    return path
