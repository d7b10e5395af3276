"""litmus against the product on SQLite and on PostgreSQL. tests/clients/mounts does it inside a mount."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.dav.litmus import pass_litmus
from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import Account, Product, start_product

PREFIXES = ("/dav/", "/remote.php/webdav/")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    environment = {}
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        environment["DATABASE_URL"] = server.create_migrated_database("litmus")
    with start_product(tmp_path_factory.mktemp("product"), **environment) as product:
        yield product


@pytest.fixture(scope="module")
def account(product: Product) -> Account:
    return product.create_account("ada@example.com")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_litmus(product: Product, account: Account, tmp_path: Path, prefix: str) -> None:
    pass_litmus(product, account, tmp_path, prefix)
