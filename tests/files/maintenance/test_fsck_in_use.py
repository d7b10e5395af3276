"""fsck beside people at work, with real threads on PostgreSQL: work in progress is no finding.

On SQLite the tests of killed processes run it beside the product.
"""

import random
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, connections

from accounts.actor import Actor
from common.errors import CodedError
from files.actions.copy import copy_node
from files.actions.move import move_node
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, abort_upload, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.maintenance import compact, gc
from files.maintenance.fsck import Finding, run_fsck
from files.models import Node, Pool, TrashItem
from files.queries.target import Target
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs writers at the same time"),
]
SECONDS = 12


class Worker:
    """Random acts in one home, until told to stop; conflicts are part of it."""

    def __init__(self, actor: Actor, space_id: int, seed: int, stop: threading.Event) -> None:
        self.actor, self.space_id, self.stop = actor, space_id, stop
        self.random = random.Random(seed)
        self.acts = 0

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.random.choice(
                    [self.write, self.write, self.move, self.copy, self.trash, self.restore, self.upload]
                )()
                self.acts += 1
            except CodedError:
                continue

    def path(self) -> str:
        return "/".join(self.random.choice("abcd") for _ in range(self.random.randint(1, 4)))

    def node_id(self) -> int:
        ids = Node.objects.filter(space_id=self.space_id, parent__isnull=False).values_list("pk", flat=True)[:200]
        return self.random.choice(list(ids) or [0])

    def write(self) -> None:
        put(self.actor, self.path() + ".txt", self.random.randbytes(self.random.randint(0, 50)))

    def move(self) -> None:
        move_node(self.actor, node_id=self.node_id(), target=Target(self.path()), overwrite=self.random.random() < 0.3)

    def copy(self) -> None:
        copy_node(self.actor, node_id=self.node_id(), target=Target(self.path()), autorename=True)

    def trash(self) -> None:
        trash_nodes(self.actor, node_ids=[self.node_id()])
        if self.random.random() < 0.3:
            empty_trash(self.actor)

    def restore(self) -> None:
        items = TrashItem.objects.filter(space_id=self.space_id, purging=False).values_list("pk", flat=True)[:20]
        restore_items(self.actor, item_ids=[self.random.choice(list(items) or [0])])

    def upload(self) -> None:
        upload = open_upload(self.actor, wanted=UploadOptions(Target(self.path()), length=20))
        write_piece(self.actor, upload_id=upload.pk, chunks=[b"0123456789"], piece=PieceOptions(0))
        if self.random.random() < 0.5:
            abort_upload(self.actor, upload_id=upload.pk)


def test_no_false_alarms(pool: Pool) -> None:
    stop, failures, findings, checks = threading.Event(), [], [], 0
    users = [make_user(f"p{number}@example.com", quota_bytes=10**6) for number in range(3)]
    workers = [Worker(actor_of(user), home_of(user).pk, user.pk * 100 + n, stop) for user in users for n in range(2)]

    def guarded(function: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                while not stop.is_set():
                    function()
            except BaseException as error:
                failures.append(error)
                stop.set()
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def upkeep() -> None:
        remove_purged_rows()
        gc.run_gc()
        compact.run_compact()

    threads = [guarded(worker.run) for worker in workers] + [guarded(upkeep)]
    seen: list[Finding] = []
    end = time.monotonic() + SECONDS
    while (time.monotonic() < end or checks < 3) and not stop.is_set():
        run_fsck(hashes=True, on_finding=seen.append)
        findings += [finding.line() for finding in seen]
        checks += 1
    stop.set()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert findings == [], f"in {checks} checks beside {sum(worker.acts for worker in workers)} acts"
    assert sum(worker.acts for worker in workers) > 50, "it was in use"
    assert checks >= 3
    connection.close()
    assert run_fsck(hashes=True).clean
