"""files.queries.shown: paths begin at the root of the access."""

import pytest

from files.access.rights import Role
from files.actions.grants import change_space
from files.models import Grant
from files.queries.shown import path_shown
from files.queries.tree import locate
from tests.files.queries.restricted import Restricted


@pytest.mark.parametrize(
    ("on", "shown"),
    [
        ("", {"closed": "/f/closed", "c.txt": "/f/closed/c.txt", "f": "/f"}),
        ("f", {"closed": "/", "c.txt": "/", "f": "/", "b.txt": "/g/b.txt", "a.txt": "/a.txt"}),
        ("closed", {"closed": "/", "c.txt": "/c.txt", "e.txt": "/d/e.txt", "f": "/"}),
        ("c.txt", {"c.txt": "/c.txt", "closed": "/", "e.txt": "/"}),
    ],
)
def test_of_nodes_and_of_names_below_them(world: Restricted, on: str, shown: dict[str, str]) -> None:
    """The owner sees all; the member what is granted on one node of the closed space."""
    if on:
        change_space(world.manager, space_id=world.space.pk, is_open=False)
        world.space.refresh_from_db()
        Grant.objects.create(node=world.node(on), space=world.space, user=world.member, role=Role.VIEWER)
    rules = world.rules
    for name, path in shown.items():
        place = locate(world.manager, world.node(name).pk)
        if not on:
            assert place.path == path
            continue
        assert path_shown(rules, place.chain) == path, name
        assert path_shown(rules, place.chain[:-1], name).endswith(f"/{name}")
