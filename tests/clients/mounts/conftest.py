"""A running product with a worker (it mounts spaces by a job), and for each test a team of three with a space."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.clients.mounts.team import PEOPLE, Member, TeamSpace, teams
from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.request_log import RequestLog
from tests.servers.product import Product, start_product

NAME = "Plans"
# What the space holds at the beginning of a test.
FILES = {"budget.txt": b"a hundred", "notes/today.txt": b"today", "notes/deep/er.txt": b"deeper"}
AT_ONCE = 10  # teams that are made together: every start of a command takes seconds


@pytest.fixture(scope="session")
def team_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with start_product(tmp_path_factory.mktemp("product"), with_worker=True, ACCESS_LOG="on") as product:
        yield product


@dataclass(frozen=True)
class World:
    """`owner` manages the space, `editor` and `viewer` are what they are called."""

    product: Product
    place: Path
    space: TeamSpace
    owner: Member
    editor: Member
    viewer: Member

    def device(self, member: Member, name: str = "laptop") -> NextcloudCmd:
        """Of its own folder; the first run is done."""
        device = member.device(self.place / f"{member.user_id} {name}", self.product.base_url)
        device.sync()
        return device

    def contents(self) -> dict[str, str]:
        """Of the space, as its owner sees it."""
        return self.owner.remote.tree(f"/{NAME}")


@pytest.fixture(scope="session")
def new_teams(team_product: Product) -> Iterator[list[Member]]:
    """Each of an owner and two members."""

    def manage(emails: str) -> str:
        return team_product.manage("shell", "-c", PEOPLE, input_text=emails)

    def make() -> Iterator[list[Member]]:
        for first in count(1, AT_ONCE):
            numbers = range(first, first + AT_ONCE)
            emails = [[f"{name}{number}@example.com" for name in ("owner", "editor", "viewer")] for number in numbers]
            yield from teams(manage, team_product.base_url, emails)

    return make()


@pytest.fixture
def world(team_product: Product, new_teams: Iterator[list[Member]], tmp_path: Path) -> World:
    owner, editor, viewer = next(new_teams)
    for member in (editor, viewer):
        member.remote.write("/own.txt", f"of {member.email}".encode())
    space = TeamSpace.make(owner, NAME)
    owner.wait_for(NAME)
    for path, data in FILES.items():
        owner.remote.write(f"/{NAME}/{path}", data)
    space.add(editor, "editor")
    space.add(viewer, "viewer")
    for member in (editor, viewer):
        member.wait_for(NAME)
    return World(team_product, tmp_path, space, owner, editor, viewer)


@pytest.fixture
def team_log(team_product: Product, world: World) -> RequestLog:
    assert team_product.web is not None
    return RequestLog(Path(team_product.web.log))
