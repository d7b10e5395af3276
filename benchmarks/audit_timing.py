"""`python -m benchmarks.audit_timing [--rows N] [--postgresql]`: sealing, verifying and exporting the audit record.

How long it takes, and how much memory, in a database of its own, which is removed again. Exit code 1 when a million
rows would take a minute or more to verify.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.install import say
from tests.servers.postgresql import PostgresqlServer

BATCH = 5_000
BOUND = 60.0  # seconds for a million rows


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.audit_timing", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--postgresql", action="store_true", help="a server of its own; otherwise SQLite")
    parser.add_argument("--export", action="store_true", help="measure the exports, too")
    given = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dropbox_clone_audit_"))
        url = f"sqlite://{folder}/db.sqlite3"
        if given.postgresql:
            url = stack.enter_context(PostgresqlServer.start()).create_database("audit")
        _set_up(Path(folder), url)
        return _measure(given.rows, with_export=given.export)


def _set_up(folder: Path, url: str) -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="dropbox_clone.settings",
        DATA_DIR=str(folder),
        DATABASE_URL=url,
        SECRET_KEY="only-for-this-only-for-this-only-for-this",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _measure(rows: int, *, with_export: bool) -> int:
    from accounts.audit_export import lines
    from accounts.chain.proof import verify
    from accounts.chain.sealing import seal_pending
    from accounts.models import AuditEvent

    _timed(f"{rows} rows written", lambda: _fill(rows))
    _timed("sealed", seal_pending)
    found: list[Any] = []
    seconds = _timed("verified", lambda: verify(found.append))
    for form in ("csv", "jsonl", "syslog") if with_export else ():
        _timed(f"exported as {form}", lambda form=form: sum(map(len, lines(form, AuditEvent.objects.all()))))
    assert found == [], found[:3]
    million = seconds * 1_000_000 / rows
    say(f"a million rows would be verified in {million:.1f} s (bound: {BOUND:.0f} s)")
    return 0 if million < BOUND else 1


def _timed(what: str, act: Callable[[], Any]) -> float:
    started, busy = time.perf_counter(), time.process_time()
    act()
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(f"{what}: {seconds:.1f} s, of which this process worked {busy:.1f} s; at most {peak} MiB until now")
    return seconds


def _fill(rows: int) -> None:
    """Acts as they are, of a few kinds, from many addresses."""
    from accounts.chain.rows import mark_of
    from accounts.models import AuditEvent

    for first in range(0, rows, BATCH):
        events = []
        for number in range(first, min(rows, first + BATCH)):
            event = AuditEvent(
                principal="nobody",
                link_id=number % 1_000,
                kind=("sign_in.failed", "link.visit", "link.download")[number % 3],
                target=f"person{number % 5_000}@example.com",
                detail={"node": number, "path": f"/Photos/{number}/sea.jpg", "bytes": number * 17},
                client="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                address=f"10.{number % 250}.{number // 250 % 250}.7",
            )
            event.mark = mark_of(event)
            events.append(event)
        AuditEvent.objects.bulk_create(events)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
