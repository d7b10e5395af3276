"""files.downloads.zip_response: a selection as one archive, with its length sent where it is known."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from accounts.actor import WRITE, Actor
from files import errors
from files.actions.create_folder import create_folder
from files.actions.spaces import create_team_space
from files.downloads import zip_response as zip_answer
from files.downloads.zip_response import ERRORS, zip_download
from files.models import Blob, Extent
from files.queries.target import Target
from files.queries.tree import LocatedNode, locate_path
from tests.support.clients import body_of
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def at(actor: Actor, *paths: str) -> list[LocatedNode]:
    return [locate_path(actor, path) for path in paths]


def opened(answer: Any) -> dict[str, bytes | None]:
    """What is in it by name, None for a folder."""
    body = body_of(answer)
    assert answer.headers.get("Content-Length", str(len(body))) == str(len(body))
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    return {info.filename: None if info.is_dir() else archive.read(info) for info in archive.infolist()}


def name_of(answer: Any) -> str:
    return answer.headers["Content-Disposition"].removeprefix("attachment; filename=").strip('"')


def test_a_folder_with_its_name_and_a_root_without(actor: Actor) -> None:
    put(actor, "d/e/a", b"a")
    create_folder(actor, target=Target("d/empty"))
    answer = zip_download(actor, at(actor, "d"))
    below = {"d/e/": None, "d/e/a": b"a", "d/empty/": None}
    assert (name_of(answer), answer.headers["Content-Type"]) == ("d.zip", "application/zip")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Content-Length" in answer.headers
    assert opened(answer) == {"d/": None, **below}
    assert opened(zip_download(actor, at(actor, ""))) == {"d/": None, **below}
    space = create_team_space(actor, name="our space")
    put(actor, "x", b"x", space_id=space.pk)
    root = locate_path(actor, "", space_id=space.pk)
    assert name_of(zip_download(actor, [root])) == "our space.zip"
    assert opened(zip_download(actor, [*at(actor, "d/e"), root])) == {
        "e/": None, "e/a": b"a", "our space/": None, "our space/x": b"x",
    }  # fmt: skip


def test_the_same_name_from_two_folders(actor: Actor) -> None:
    for path in ("x/a.txt", "y/a.txt", "z/a (2).txt", "z/b"):
        put(actor, path, path.encode())
    places = at(actor, "x/a.txt", "y/a.txt", "z/a (2).txt", "z/b")
    answer = zip_download(actor, places)
    found = opened(answer)
    assert len(found) == 4
    assert list(found.values()) == [b"x/a.txt", b"y/a.txt", b"z/a (2).txt", b"z/b"]
    assert list(found)[:2] == ["a.txt", "a (2).txt"]
    assert name_of(answer).startswith("files 2")
    for name, expected in (("mine", "mine.zip"), ("mine.ZIP", "mine.ZIP"), ("mine.tar", "mine.tar.zip")):
        assert name_of(zip_download(actor, places, name=name)) == expected


def test_a_backslash_separates_nothing(actor: Actor) -> None:
    put(actor, "d/..\\..\\evil", b"x")
    assert [name for name in opened(zip_download(actor, at(actor, "d"))) if "\\" in name] == []


def test_of_too_much_to_list_first_the_length_is_not_told(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        put(actor, f"d/{name}", name.encode())
    expected = {"d/": None, "d/a": b"a", "d/b": b"b", "d/c": b"c"}
    for planned, told in ((4, True), (3, False)):
        monkeypatch.setattr(zip_answer, "PLANNED", planned)
        answer = zip_download(actor, at(actor, "d"))
        assert ("Content-Length" in answer.headers) is told
        assert opened(answer) == expected


def test_a_limit_of_entries(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    put(actor, "d/a")
    put(actor, "b")
    monkeypatch.setattr(zip_answer, "MAXIMUM_ENTRIES", 3)
    assert len(opened(zip_download(actor, at(actor, "d", "b")))) == 3
    monkeypatch.setattr(zip_answer, "MAXIMUM_ENTRIES", 2)
    with pytest.raises(errors.TooMany) as refused:
        zip_download(actor, at(actor, "d", "b"))
    assert refused.value.detail == {"limit": 2}


def test_a_file_that_cannot_be_read(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        put(actor, f"d/{name}", name.encode() * 9)
    extent = Extent.objects.get(content=locate_path(actor, "d/b").node.version.content)  # type: ignore[union-attr]
    Blob.objects.filter(pk=extent.blob_id).update(key="aa/bb/gone")
    monkeypatch.setattr(zip_answer, "PLANNED", 1)
    found = opened(zip_download(actor, at(actor, "d")))
    assert set(found) == {"d/", "d/a", "d/c", ERRORS}
    assert (found[ERRORS] or b"").decode().splitlines()[1:] == ["d/b"]
    monkeypatch.undo()
    for gathered in (1, 10**6):  # its length was promised: the download breaks off, or does not begin
        monkeypatch.setattr(zip_answer, "GATHERED", gathered)
        with pytest.raises(errors.ContentDamaged):
            body_of(zip_download(actor, at(actor, "d")))


def test_who_may(actor: Actor) -> None:
    put(actor, "d/a")
    for place in at(actor, "d", "d/a", ""):
        with pytest.raises(errors.NotFound):
            zip_download(actor_of(make_user()), [place])
        with pytest.raises(errors.ScopeMissing):
            zip_download(replace(actor, scopes=frozenset({WRITE})), [place])
