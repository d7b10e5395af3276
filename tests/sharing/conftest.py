"""Every test of sharing has a storage and a world of its own."""

import pytest

from files.models import Pool
from tests.files.conftest import pool  # noqa: F401
from tests.sharing.linked import Linked, linked_world
from tests.sharing.team import Team, team_of_three


@pytest.fixture
def world(pool: Pool) -> Linked:  # noqa: F811
    return linked_world()


@pytest.fixture
def team(pool: Pool) -> Team:  # noqa: F811
    return team_of_three()
