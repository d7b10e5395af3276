"""People with a home, and their clients."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from tests.accounts.factories import actor_of, make_user
from tests.files.api.client import Api


@pytest.fixture
def user(db: None) -> User:
    return make_user("ada@example.com")


@pytest.fixture
def actor(user: User) -> Actor:
    return actor_of(user)


@pytest.fixture
def api(user: User) -> Api:
    return Api(user)


@pytest.fixture
def stranger(db: None) -> User:
    return make_user("eve@example.org")
