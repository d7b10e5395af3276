"""Somebody of another team, for whom what the questions are about does not exist."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.models import Pool
from tests.files.queries.restricted import Restricted, restricted_world
from tests.support.people import actor_of


@pytest.fixture
def outsider(stranger: User) -> Actor:
    return actor_of(stranger)


@pytest.fixture
def world(pool: Pool) -> Restricted:
    return restricted_world()
