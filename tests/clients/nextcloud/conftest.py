"""Devices of one person, each with a folder that nextcloudcmd syncs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.nextcloud.client import NextcloudCmd
from tests.servers.product import Account, Product


@pytest.fixture
def new_device(logging_product: Product, person: Account, tmp_path: Path) -> Callable[[str], NextcloudCmd]:
    def make(name: str) -> NextcloudCmd:
        return NextcloudCmd(tmp_path / name, logging_product.base_url, person.email, person.token)

    return make


@pytest.fixture
def device(new_device: Callable[[str], NextcloudCmd]) -> NextcloudCmd:
    return new_device("laptop")
