"""An account as rclone sees it, once for each vendor."""

from pathlib import Path

import pytest
import requests

from tests.clients.rclone.client import Rclone
from tests.servers.product import Account, Product


@pytest.fixture
def user_id(logging_product: Product, person: Account) -> str:
    """The segment in /remote.php/dav/files/<id>/, as a client learns it."""
    answer = requests.get(
        f"{logging_product.base_url}/ocs/v1.php/cloud/user?format=json",
        auth=(person.email, person.token),
        headers={"OCS-APIRequest": "true"},
        timeout=30,
    )
    return str(answer.json()["ocs"]["data"]["id"])


@pytest.fixture(params=["nextcloud", "other"])
def vendor(request: pytest.FixtureRequest) -> str:
    """One of VENDORS; most tests take two of them, for the third differs from the first in little."""
    return str(request.param)


@pytest.fixture
def rclone(logging_product: Product, person: Account, user_id: str, vendor: str, tmp_path: Path) -> Rclone:
    base = logging_product.base_url
    return Rclone(tmp_path / "rclone", base, person.email, person.token, vendor=vendor, user_id=user_id)
