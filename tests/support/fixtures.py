"""Fixtures for tests of every app: a person with a home, and a stranger of another team."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from tests.support.clients import Api
from tests.support.people import actor_of, make_user


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
