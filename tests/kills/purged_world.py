"""Run as a program: many files (`PURGED_FILES`) in a deleted and purged tree, in its migrated database."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.kills.worker_settings")
django.setup()

from datetime import timedelta

from django.utils import timezone

from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.trash import empty_trash, trash_nodes
from files.actions.write_file import WriteOptions
from files.models import Blob, Content
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of, make_user
from tests.support.trees import put

FILES, SINGLE = int(os.environ.get("PURGED_FILES", "20000")), 200


def main() -> None:
    actor = actor_of(make_user())
    put(actor, "kept.txt", b"kept")
    for start in range(0, FILES, 1_000):
        files = [SmallFile(f"gone/{n % 50}/{n}", b"file %d" % n, WriteOptions()) for n in range(start, start + 1_000)]
        bulk_write(actor, folder=Target(), files=files)
    for number in range(SINGLE):
        put(actor, f"gone/single/{number}", b"single %d" % number)
    trash_nodes(actor, node_ids=[locate_path(actor, "gone").node.pk])
    empty_trash(actor)
    long_ago = timezone.now() - timedelta(days=3)
    Content.objects.update(claimed_at=long_ago)
    Blob.objects.update(claimed_at=long_ago)


if __name__ == "__main__":
    main()
