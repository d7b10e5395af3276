"""Two people, each with a WebDAV client."""

import pytest

from accounts.models import User
from tests.files.factories import make_user
from tests.protocols.dav.client import Dav


@pytest.fixture
def ada(db: None) -> User:
    return make_user()


@pytest.fixture
def dav(ada: User) -> Dav:
    return Dav(ada)
