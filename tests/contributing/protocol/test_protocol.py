"""The dialect is spoken, every error has an answer, and what is written this way is there for every other one."""

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import User
from dropbox_clone.admission import heads
from http_kit.problem_table import TABLE as OF_REST
from tests.contributing.protocol.errors import TABLE
from tests.support.clients import HttpClient, body_of
from tests.support.trees import bytes_at, put

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.contributing.protocol.urls")]


class Toy(HttpClient):
    usual_scopes = frozenset({"read", "write"})
    scheme = "Basic"


@pytest.fixture(autouse=True)
def _a_prefix_of_programs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the product, these lists have a further line."""
    settings.PROGRAM_PREFIXES = (*settings.PROGRAM_PREFIXES, "/toy/")
    monkeypatch.setattr(heads, "STREAMING", (*heads.STREAMING, "/toy/"))


def test_files_go_in_and_out(user: User, actor: Actor) -> None:
    toy, large = Toy(user), b"x" * 2**20
    created = toy.send("PUT", "/toy/d/a.txt", large)
    assert created.status_code == 201
    assert bytes_at(actor, "d/a.txt") == large
    read = toy.send("GET", "/toy/d/a.txt")
    assert (body_of(read), read["ETag"]) == (large, created["ETag"])
    part = toy.send("GET", "/toy/d/a.txt", range="bytes=0-4")
    assert (part.status_code, body_of(part)) == (206, b"xxxxx")
    assert toy.send("PUT", "/toy/d/a.txt", b"other", if_match='"stale"').status_code == 412


def test_a_folder_is_its_names(user: User, actor: Actor) -> None:
    for path in ("b.txt", "a\nb.txt", "d/deep.txt"):
        put(actor, path)
    assert body_of(Toy(user).send("GET", "/toy/")).decode().split("\n") == ["d/", "a%0Ab.txt", "b.txt", ""]


def test_errors(user: User, stranger: User, actor: Actor) -> None:
    put(actor, "mine.txt")
    nobody = Toy().send("GET", "/toy/mine.txt")
    assert (nobody.status_code, nobody.content.partition(b":")[0]) == (401, b"not_authenticated")
    assert Toy(stranger).send("GET", "/toy/mine.txt").status_code == 404
    assert Toy(user, "read").send("PUT", "/toy/new.txt", b"x").status_code == 403
    assert Toy(user).send("PATCH", "/toy/mine.txt", b"x").status_code == 405
    assert set(TABLE) >= set(OF_REST)
