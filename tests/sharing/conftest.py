"""Every test of sharing has a storage and a world of its own."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from files.models import Pool
from tests.files.conftest import pool  # noqa: F401
from tests.sharing.linked import Linked, linked_world
from tests.sharing.team import Team, team_of_three
from tests.sharing.webhook_receiver import HttpReceiver, receiving
from tests.support.mounts import MountedSpace, make_mounted_space


@pytest.fixture
def world(pool: Pool) -> Linked:  # noqa: F811
    return linked_world()


@pytest.fixture
def team(pool: Pool) -> Team:  # noqa: F811
    return team_of_three()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[HttpReceiver]:
    with receiving(settings) as found:
        yield found


@pytest.fixture
def spaced(db: None) -> MountedSpace:
    return make_mounted_space()
