"""A person who is signed in, and a stranger of another team."""

from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from files.models import Space
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of


@dataclass
class Person:
    user: User
    actor: Actor
    home: Space
    client: Client

    @property
    def root_id(self) -> int:
        assert self.home.root_id is not None
        return self.home.root_id


def sign_in(user: User) -> Person:
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return Person(user, actor_of(user), home_of(user), client)


@pytest.fixture
def ada(db: None) -> Person:
    return sign_in(make_user("ada@example.com"))


@pytest.fixture
def eve(db: None) -> Person:
    return sign_in(make_user("eve@example.com"))
