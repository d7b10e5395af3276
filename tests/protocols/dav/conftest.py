"""Two people, each with a WebDAV client."""

import pytest

from accounts.models import User
from tests.support.clients import Dav
from tests.support.people import make_user


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada@example.com")


@pytest.fixture
def dav(ada: User) -> Dav:
    return Dav(ada)
