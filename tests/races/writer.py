"""One of the processes of test_eight_writers: acts at random in one folder until its time is over, and `LEAST` times.

    python -m tests.races.writer SEED SECONDS      (settings by environment)

Prints one line of JSON: how often each act was done, how often it was refused and with which code. Whatever is not
a clear refusal ends it with a traceback.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")
django.setup()

from accounts.errors import QuotaExceeded
from accounts.models import User
from files import errors
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_nodes
from files.actions.create_folder import create_folder
from files.actions.finish_upload import finish_upload
from files.actions.move import move_node, move_nodes
from files.actions.trash import purge_items, remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import Mode, WriteOptions
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Node, NodeKind, TrashItem
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of
from tests.support.trees import put

NAMES = ["a", "b", "c", "d", "e"]
LEAST = 80  # acts, however slow the machine is
LONGEST = 60  # seconds more for these
REFUSED = (errors.FileError, QuotaExceeded)
# What a person could cause by hand in the same moment. Anything else that is refused is a fault of ours.
CLEAR = {
    "not_found", "parent_not_found", "name_taken", "not_a_file", "not_a_folder", "move_into_itself", "quota_exceeded",
    "version_conflict", "invalid_request", "upload_not_found", "busy",
}  # fmt: skip


class Writer:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.actor = actor_of(User.objects.get(email="ada@example.com"), client=f"writer {seed}")
        self.seed = seed

    def path(self) -> str:
        depth = self.random.randint(1, 3)
        return "/".join(["shared", *(self.random.choice(NAMES) for _ in range(depth))])

    def data(self) -> bytes:
        return self.random.randbytes(self.random.choice([0, 10, 500, 3000, 20_000]))

    def node(self, **filters: object) -> int:
        """Any node below the folder; it may be in the trash, or gone a moment later."""
        rows = Node.objects.filter(space__owner_id=self.actor.user_id, parent__isnull=False, **filters)
        ids = list(rows.exclude(name="shared").values_list("pk", flat=True)[:200])
        return self.random.choice(ids) if ids else locate_path(self.actor, self.path()).node.pk

    def parent(self) -> int:
        return self.node(kind=NodeKind.FOLDER)

    def write(self) -> None:
        mode = self.random.choice([Mode.CREATE, Mode.OVERWRITE])
        put(self.actor, self.path(), self.data(), WriteOptions(mode, autorename=self.random.random() < 0.1))

    def bulk(self) -> None:
        files = [SmallFile(f"{self.random.choice(NAMES)}/{i}", self.data()[:500], WriteOptions()) for i in range(10)]
        folder = locate_path(self.actor, "shared").node.pk
        bulk_write(self.actor, folder=Target(parent_id=folder), files=files)

    def folder(self) -> None:
        create_folder(self.actor, target=Target(self.path()))

    def move(self) -> None:
        overwrite = self.random.random() < 0.3
        move_node(self.actor, node_id=self.node(), target=Target(self.path()), overwrite=overwrite)

    def move_many(self) -> None:
        move_nodes(self.actor, node_ids=[self.node(), self.node()], parent_id=self.parent(), autorename=True)

    def copy(self) -> None:
        copy_nodes(self.actor, node_ids=[self.node()], parent_id=self.parent(), autorename=True)

    def trash(self) -> None:
        trash_nodes(self.actor, node_ids=[self.node()])

    def restore(self) -> None:
        items = list(TrashItem.objects.filter(purging=False).values_list("pk", flat=True)[:20])
        if items:
            restore_items(self.actor, item_ids=[self.random.choice(items)])

    def purge(self) -> None:
        items = list(TrashItem.objects.filter(purging=False).values_list("pk", flat=True)[:20])
        if items:
            purge_items(self.actor, item_ids=[self.random.choice(items)])
        if self.random.random() < 0.2:
            remove_purged_rows()

    def upload(self) -> None:
        first, second = self.data(), self.data()
        wanted = UploadOptions(Target(self.path()), len(first) + len(second), mode=Mode.OVERWRITE)
        upload = open_upload(self.actor, wanted=wanted)
        for offset, data in [(len(first), second), (0, first)]:
            if data:
                write_piece(self.actor, upload_id=upload.pk, chunks=[data], piece=PieceOptions(offset))
        finish_upload(self.actor, upload_id=upload.pk)


def main() -> None:
    seed, seconds = int(sys.argv[1]), float(sys.argv[2])
    writer = Writer(seed)
    acts: list[Callable[[], None]] = [
        writer.write, writer.write, writer.write, writer.bulk, writer.folder, writer.move, writer.move,
        writer.move_many, writer.copy, writer.trash, writer.restore, writer.purge, writer.upload,
    ]  # fmt: skip
    counts: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end or (counts.total() < LEAST and time.monotonic() < end + LONGEST):
        act = writer.random.choice(acts)
        try:
            act()
            counts[act.__name__] += 1
        except REFUSED as error:
            if error.code not in CLEAR:
                raise
            counts[f"{act.__name__}: {error.code}"] += 1
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
