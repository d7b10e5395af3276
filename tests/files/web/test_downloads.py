"""Files, versions and zips leave as attachments with their bytes."""

import io
import zipfile

import pytest

from files.actions.create_folder import create_folder
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.writing import Mode, WriteOptions
from tests.files.web.conftest import Person
from tests.support.trees import put


def body(response: object) -> bytes:
    if getattr(response, "streaming", False):
        return b"".join(response)  # type: ignore[call-overload]
    return response.content  # type: ignore[attr-defined, no-any-return]


def test_a_file(ada: Person) -> None:
    node = put(ada.actor, "Übung.html", b"<script>").node
    response = ada.client.get(f"/files/{node.pk}/download")
    assert response.status_code == 200
    assert body(response) == b"<script>"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_an_earlier_version(ada: Person) -> None:
    node = put(ada.actor, "a.txt", b"first").node
    put(ada.actor, "a.txt", b"second", WriteOptions(mode=Mode.OVERWRITE))
    response = ada.client.get(f"/files/{node.pk}/versions/{node.version_id}/download")
    assert body(response) == b"first"


def test_a_version_of_another_file_is_not_found(ada: Person) -> None:
    one, other = put(ada.actor, "a.txt").node, put(ada.actor, "b.txt", b"other").node
    assert ada.client.get(f"/files/{one.pk}/versions/{other.version_id}/download").status_code == 404


def test_a_folder_is_no_file(ada: Person) -> None:
    assert ada.client.get(f"/files/{ada.root_id}/download").status_code == 400


def test_one_file_is_not_zipped(ada: Person) -> None:
    node = put(ada.actor, "a.txt").node
    response = ada.client.post("/files/zip", {"node": node.pk})
    assert response.headers["Location"] == f"/files/{node.pk}/download"


def test_a_selection_is_one_zip(ada: Person) -> None:
    for path in ("folder/a.txt", "folder/deep/b.txt", "c.txt"):
        put(ada.actor, path, path.encode())
    create_folder(ada.actor, target=Target("folder/empty"))
    nodes = [locate_path(ada.actor, path).node.pk for path in ("folder", "c.txt")]
    response = ada.client.post("/files/zip", {"node": nodes})
    assert response.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body(response))) as archive:
        assert archive.testzip() is None
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {
        "folder/": b"",
        "folder/a.txt": b"folder/a.txt",
        "folder/deep/": b"",
        "folder/deep/b.txt": b"folder/deep/b.txt",
        "folder/empty/": b"",
        "c.txt": b"c.txt",
    }


@pytest.mark.parametrize("data", [{}, {"node": "0"}, {"node": "999999"}])
def test_a_zip_of_nothing(ada: Person, data: dict[str, str]) -> None:
    assert ada.client.post("/files/zip", data).status_code in (400, 404)
