"""A mounted file that takes a name in the very moment in which something else is written there."""

from typing import Any

import pytest

from accounts.actor import Actor
from files import errors
from files.actions import bulk_write as bulk
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node
from files.actions.move import move_node
from files.models import Node
from files.queries.target import Target
from files.tree.writing import Mode, WriteOptions
from tests.support.shared_files import NAME, TEXT, SharedFile
from tests.support.trees import bytes_at, put


def test_many_at_once(world: SharedFile, editor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found when all of them are written: nothing is written into its row, and the others are there."""
    row = world.mount_of(world.editor)
    monkeypatch.setattr(bulk, "_mounted", lambda base, files: {})
    files = [SmallFile(name, name.encode(), WriteOptions()) for name in ("a.txt", NAME)]
    files.append(SmallFile(NAME, b"beside", WriteOptions(Mode.OVERWRITE, autorename=True)))
    _, (first, busy, beside) = bulk_write(editor, folder=Target(), files=files)
    assert (first.error, beside.error, type(busy.error)) == (None, None, errors.Busy)
    assert Node.objects.get(pk=row.pk).version_id is None
    assert (bytes_at(editor, "/report (2).txt"), world.texts) == (b"beside", [TEXT])


@pytest.mark.parametrize("act", [move_node, copy_node])
def test_moved_and_copied(world: SharedFile, editor: Actor, monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Whose space was not known before the locks were taken."""
    source = put(editor, "tmp", b"saved").node
    monkeypatch.setattr(f"{act.__module__}.spaces_written", lambda *given: [])
    with pytest.raises(errors.Busy):
        act(editor, node_id=source.pk, target=Target(NAME), overwrite=True)
    assert (world.texts, bytes_at(editor, "tmp")) == ([TEXT], b"saved")
