"""The commands of the pages, run as they stand (tests/support/run_page.py). The README: tests/live/test_readme.py."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import Product, start_product
from tests.support.page_commands import RUN
from tests.support.run_page import run_page

ADA = "ada@example.com"
ELSEWHERE = {
    *("docs/operations/deploying.md", "docs/operations/service.md", "docs/operations/to_postgresql.md"),
    "README.md",
}
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Product]:
    """A product without accounts: pages create theirs."""
    folder = tmp_path / "product"
    folder.mkdir()
    with start_product(folder, BASE_URL="https://files.example.com", ALLOWED_HOSTS="127.0.0.1") as product:
        yield product


def with_account(product: Product, folder: Path) -> dict[str, str]:
    """Its token, as pages have it in TOKEN; files that they copy."""
    account = product.create_account(ADA, admin=True)
    product._python("-c", _SEATS)
    photos = folder / "work" / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    (photos / "1.jpg").write_bytes(b"\xff\xd8\xff one")
    return {"TOKEN": account.token}


_SEATS = """
import os; os.environ["DJANGO_SETTINGS_MODULE"] = "dropbox_clone.settings"
import django; django.setup()
from accounts.models import Team
Team.objects.update(seats=5)
"""
NEEDS: dict[str, Callable[[Product, Path], dict[str, str]]] = {
    "docs/guide/search.md": with_account,
    "docs/operations/importing.md": with_account,
    "docs/protocols/rest.md": with_account,
    "docs/protocols/rest_accounts.md": with_account,
    "docs/protocols/webdav.md": with_account,
}


@pytest.mark.parametrize("page", [page for page in RUN if page not in ELSEWHERE])
def test_the_commands_of_a_page(page: str, fresh: Product, tmp_path: Path) -> None:
    prepare = NEEDS.get(page)
    environment = prepare(fresh, tmp_path) if prepare else {}
    run_page(page, fresh, tmp_path, environment=environment)


def test_the_backup_of_the_service(fresh: Product, tmp_path: Path) -> None:
    """With its folders below a folder of the test; what is copied is a database that can be opened, and all objects."""
    account = fresh.create_account(ADA)
    home = tmp_path / "dropbox_clone"
    home.mkdir()
    (home / "data").symlink_to(fresh.data_dir)
    (fresh.data_dir / "secret_key").write_text(fresh.environment["SECRET_KEY"])
    run_page("docs/operations/service.md", fresh, tmp_path, replacements={"/srv/dropbox_clone": str(home)})
    assert account.email.encode() in (home / "backup" / "db.sqlite3").read_bytes()


def test_the_dump_of_postgresql(tmp_path: Path, postgresql_server: PostgresqlServer) -> None:
    url = postgresql_server.create_migrated_database("documents") + "?pool_size=5&application_name=files"
    folder = tmp_path / "product"
    folder.mkdir()
    with start_product(folder, DATABASE_URL=url) as product:
        account = product.create_account(ADA)
        run_page("docs/operations/deploying.md", product, tmp_path)
        assert product.manage("createtoken", account.email, "--name", "after").startswith("dbx_")
