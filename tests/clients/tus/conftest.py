"""What the clients of tus upload, and as whom."""

from pathlib import Path

import pytest

from tests.servers.product import Account, Product


@pytest.fixture
def product(logging_product: Product) -> Product:
    return logging_product


@pytest.fixture
def account(person: Account) -> Account:
    return person


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10 MiB and a bit, so that no piece ends where a block of the content hash does."""
    path = tmp_path_factory.mktemp("files") / "größe 100%.bin"
    path.write_bytes(bytes(range(251)) * (10 * 1024 * 1024 // 251 + 7))
    return path
