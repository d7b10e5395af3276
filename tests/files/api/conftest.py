"""A client that sends and gets raw bytes; tests/support/fixtures.py has the person and the one for JSON."""

import pytest

from accounts.models import User
from tests.support.clients import ContentClient


@pytest.fixture
def client(user: User) -> ContentClient:
    return ContentClient(user)
