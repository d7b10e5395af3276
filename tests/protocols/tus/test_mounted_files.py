"""tus: onto a file that somebody shares alone."""

import pytest

from tests.support.clients import Tus, metadata
from tests.support.shared_files import NAME, TEXT, shared_file

pytestmark = pytest.mark.django_db


def test_it_gets_another_version_or_another_name() -> None:
    world = shared_file()
    editor, viewer = Tus(world.editor), Tus(world.viewer)
    over = metadata(filename=NAME, mode="overwrite")
    created = editor.create(6, b"abc", meta=over)
    assert created.status_code == 201, created.content
    done = editor.patch(created.headers["Location"], 3, b"def")
    assert (done.status_code, done.headers["X-Node-Id"]) == (204, str(world.file_id))
    assert world.texts == [TEXT, b"abcdef"]
    assert viewer.create(6, b"abcdef", meta=over).status_code == 403
    beside = viewer.create(4, b"mine", meta=metadata(filename=NAME, mode="create", autorename="true"))
    assert (beside.status_code, beside.headers["X-Node-Id"] != str(world.file_id)) == (201, True)
    assert world.texts == [TEXT, b"abcdef"]
