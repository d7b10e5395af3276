"""On pages: a file that somebody shares alone, in the listing and on a page of its own."""

import pytest

from files.models import Node
from tests.files.web.conftest import sign_in
from tests.files.web.test_browse import names
from tests.files.web.test_mounts import page
from tests.support.shared_files import NAME, TEXT, SharedFile, shared_file


@pytest.fixture
def world(db: None) -> SharedFile:
    return shared_file()


def test_its_row_and_its_page(world: SharedFile) -> None:
    viewer, row = sign_in(world.viewer), world.mount_of(world.viewer)
    html = page(viewer, "/")
    assert names(html) == [NAME]
    assert "Shared by Olga Owner" in html
    assert "16 B" in html
    for node_id in (row.pk, world.file_id):
        html = page(viewer, f"/files/{node_id}/")
        assert f'data-id="{row.pk}"' in html, "what is done there is done to the own row"
        assert 'data-command="rename"' in html
        assert "canary" not in html
        assert str(world.file.version.content.content_hash) in html  # type: ignore[union-attr]
    assert f"/files/{row.pk}/versions/" not in html or "restore" not in html
    answer = viewer.client.get(f"/files/{row.pk}/download")
    assert b"".join(answer.streaming_content) == TEXT  # type: ignore[attr-defined]


def test_renaming_and_removing_it(world: SharedFile) -> None:
    viewer, row = sign_in(world.viewer), world.mount_of(world.viewer)
    viewer.client.post("/files/rename", {"node": row.pk, "name": "mine.txt", "next": "/"})
    assert names(page(viewer, "/")) == ["mine.txt"]
    asked = viewer.client.post("/files/trash", {"node": row.pk, "next": "/"})
    assert "nothing of it is deleted" in asked.content.decode()
    viewer.client.post("/files/trash", {"node": row.pk, "next": "/", "remove_mounts": "1"})
    assert names(page(viewer, "/")) == []
    assert NAME in page(viewer, "/removed/")
    assert Node.objects.filter(pk=world.file_id, parent__isnull=False).exists()


def test_an_editor_restores_a_version(world: SharedFile) -> None:
    editor, row = sign_in(world.editor), world.mount_of(world.editor)
    first = world.file.version_id
    world.write(b"second")
    answer = editor.client.post(f"/files/{row.pk}/versions/{first}/restore", {"next": "/"})
    assert answer.status_code == 302
    assert world.texts == [TEXT, b"second", TEXT]
