"""A person's Nextcloud client."""

import pytest

from accounts.models import User
from tests.support.clients import Nextcloud


@pytest.fixture
def client(user: User) -> Nextcloud:
    return Nextcloud(user)
