"""Eight processes write, move, copy, delete in one folder, the quota nearly full; afterwards everything adds up.

`RACE_SECONDS` (default 15) is how long, on each database.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.servers.postgresql import PostgresqlServer
from tests.servers.prepared import copy_database

SECONDS = float(os.environ.get("RACE_SECONDS", "15"))
WRITERS = 8
QUOTA = 60_000
ROOT = Path(__file__).parent.parent.parent


def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "dropbox_clone.settings",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": database_url,
        "STORAGE_URL": f"file://{tmp_path}/blobs",
        "CACHE_URL": "locmem:",
        "BRAKE": "off",  # few people change very much
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def product(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a product with one account and nothing in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/db.sqlite3"
        copy_database(tmp_path / "db.sqlite3")
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        url = server.create_migrated_database(f"race_{os.getpid()}_{abs(hash(request.node.name)) % 10**8}")
    env = environment(tmp_path, url)
    run(env, "-c", SETUP)
    return env


SETUP = f"""
import django; django.setup()
from tests.support.people import actor_of, make_user
from tests.support.trees import put
put(actor_of(make_user("ada@example.com", quota_bytes={QUOTA})), "shared/a", b"the first")
"""

CHECK = """
import django; django.setup()
from accounts.models import QuotaAccount
from files.models import Change, Space
for account in QuotaAccount.objects.filter(limit_bytes__isnull=False):
    assert account.used_bytes <= account.limit_bytes, account.used_bytes
for space in Space.objects.all():
    seqs = list(Change.objects.filter(space=space).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, space.seq + 1)), "the journal has gaps"
    print(space.seq, "changes")
"""


def run(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=env, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_eight_writers_in_one_folder(product: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tests.races.writer"]
    writers = [
        subprocess.Popen(
            [*command, str(seed), str(SECONDS)],
            env=product,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(WRITERS)
    ]
    counts: Counter[str] = Counter()
    failures = []
    for writer in writers:
        out, err = writer.communicate(timeout=SECONDS + 200)
        if writer.returncode:
            failures.append(err[-3000:])
        else:
            counts.update(json.loads(out))
    print(dict(sorted(counts.items())))
    assert not failures, "\n".join(failures)
    for act in ("write", "bulk", "move", "copy", "trash", "restore", "upload"):
        assert counts[act], f"nobody ever succeeded with {act}"
    assert any("quota_exceeded" in act for act in counts), "the quota was never full: the test is too kind"
    run(product, "-c", CHECK)
    print(run(product, "manage.py", "fsck", "--hash"))
