"""Deliberate faults in the product, one a line, each with the group of the gate that must notice it.

    python -m tests.runner.mutations            all of them
    python -m tests.runner.mutations fsync      those whose name has this word

Each is applied to a copy of the committed files, where the named tests of the gate then have to fail. It ends with an
error when one of them passes. A test that cannot fail is a bug; this is how we look for them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.runner import report
from tests.runner.schedule import Schedule, Task

ROOT = Path(__file__).resolve().parents[2]
LINKED = (".venv", "node_modules", ".cache")  # not committed, and the copy needs them
SECONDS = 600  # of one group's tests


@dataclass(frozen=True)
class Mutation:
    """`old` occurs once in `path` and becomes `new`; `tests` are of `group` and fail then."""

    name: str
    group: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation(
        "a default that is not the one of the pages",
        "fast",
        "dropbox_clone/configuration.py",
        'environment.duration("TRASH_RETENTION", "30d")',
        'environment.duration("TRASH_RETENTION", "31d")',
        ("tests/documents/test_settings.py", "tests/documents/test_statements.py"),
    ),
    Mutation(
        "a lost fsync",
        "fast",
        "storage/durable.py",
        "        os.fsync(descriptor)\n    except OSError as error:",
        "        pass\n    except OSError as error:",
        ("tests/storage/test_local.py",),
    ),
    Mutation(
        "sendfile past the codec",
        "fast",
        "files/blobs/codec.py",
        "able, local_path=False, presigned_get=False",
        "able, presigned_get=False",
        ("tests/files/blobs/test_codec.py",),
    ),
    Mutation(
        "a follower that stores what another worker has stored",
        "fast",
        "files/journal_follower.py",
        "if locked is None or locked.steps != position.steps:",
        "if locked is None:",
        ("tests/files/test_journal_follower.py",),
    ),
    Mutation(
        "an error in the language of the installation alone",
        "fast",
        "http_kit/problems.py",
        "if len(settings.LANGUAGES) < 2:",
        "if len(settings.LANGUAGES) < 100:",
        ("tests/files/api/test_language.py",),
    ),
    Mutation(
        "a quota that is off by one byte",
        "postgresql",
        "accounts/quotas.py",
        '{_USED} + %s <= limit_bytes)", [amount',
        '{_USED} + %s <= limit_bytes + 1)", [amount',
        ("tests/accounts/test_quotas.py", "tests/files/actions", "tests/scenario"),
    ),
    Mutation(
        "a scope that is not asked for",
        "fast",
        "files/access/compute.py",
        "        if scope not in self.scopes:\n",
        "        if False:\n",
        ("tests/files/api/test_access.py",),
    ),
    Mutation(
        "an ETag of a folder that does not change",
        "clients",
        "files/tree/unit_of_work.py",
        "UPDATE files_node SET seq = delta.seq, ",
        "UPDATE files_node SET seq = CASE WHEN files_node.version_id IS NULL THEN files_node.seq ELSE delta.seq END, ",
        ("tests/clients/nextcloud/test_sync.py",),
    ),
    Mutation(
        "a chunk that is dropped",
        "live",
        "files/actions/finish_upload.py",
        "            for p in pieces\n        ]",
        "            for p in (pieces[:-1] if len(pieces) > 2 else pieces)\n        ]",
        ("tests/live/test_nextcloud.py::test_chunks_in_parallel_and_in_any_order",),
    ),
    Mutation(
        "a space that is not locked",
        "races",
        "files/locking.py",
        "[Lock(Space, *wanted)], [*wanted",
        "[], [*wanted",
        ("tests/races",),
    ),
    Mutation(
        "a range that is one byte short",
        "live",
        "common/byte_ranges.py",
        "ByteRange(offset, end - offset + 1)",
        "ByteRange(offset, max(1, end - offset))",
        ("tests/live/test_content.py::test_ranges_of_a_large_file",),
    ),
    Mutation(
        "an object in a store that may be written over",
        "conformance",
        "storage/s3.py",
        '{"IfNoneMatch": "*"} if self.capabilities.conditional_put else {}',
        "{}",
        ("tests/conformance/test_storage.py::test_what_these_servers_can_do_is_found",),
    ),
    Mutation(
        "a job of a killed worker that nobody takes up",
        "kills",
        "files/maintenance/jobs.py",
        "Q(leased_until=None) | Q(leased_until__lte=moment), name=name",
        "Q(leased_until=None), name=name",
        ("tests/kills/test_killed_worker.py",),
    ),
    Mutation(
        "a load balancer that does not try another replica",
        "cluster",
        "deploy/haproxy/haproxy.cfg.template",
        "retry-on conn-failure empty-response",
        "retry-on 0rtt-rejected",
        ("tests/cluster/test_haproxy.py",),
    ),
    Mutation(
        "search that answers for other people's spaces",
        "postgresql",
        "search/queries.py",
        "mine = visible_spaces(actor)",
        "mine = Q()",
        ("tests/search/test_rights.py",),
    ),
    Mutation(
        "folders of an upload that the browser forgets",
        "e2e",
        "frontend/src/uploads/dropped.ts",
        'entry.fullPath.replace(/^\\//, "")',
        "entry.name",
        ("tests/e2e/test_uploads.py",),
    ),
    Mutation(
        "a lock that stands against nobody",
        "clients",
        "files/tree/unit_of_work.py",
        "            if self.locks:\n",
        "            if False:\n",
        ("tests/clients/dav",),
    ),
    Mutation(
        "bytes that are read before there is room for them",
        "fast",
        "files/actions/reservations.py",
        "            if seen > (FREE if self.id is None else self.held):\n",
        "            if False:\n",
        ("tests/files/actions/test_reservations.py",),
    ),
    Mutation(
        "the rest of a download that is sent without asking for the right again",
        "fast",
        "dropbox_clone/admission/stage.py",
        "        if rest.must_look():\n",
        "        if False:\n",
        ("tests/platform/admission/test_stage.py",),
    ),
    Mutation(
        "a content of another team",
        "fast",
        "files/blobs/contents.py",
        'f"WHERE c.pool_id = %s AND c.team_id = %s AND c.content_hash',
        'f"WHERE c.pool_id = %s AND c.team_id >= 0 * %s AND c.content_hash',
        ("tests/files/blobs/test_isolation.py", "tests/isolation"),
    ),
)


def main(words: Sequence[str]) -> int:
    chosen = [mutation for mutation in MUTATIONS if all(word in mutation.name for word in words)]
    survived = []
    for mutation in chosen:
        started = time.monotonic()
        code, last = _try(mutation)
        caught = code == 1
        print(
            f"{'caught' if caught else 'SURVIVED'} by {mutation.group} in {time.monotonic() - started:.0f} s: ", end=""
        )
        print(f"{mutation.name} ({mutation.path}); {last}", flush=True)
        if not caught:
            survived.append(mutation.name)
    print(f"{len(chosen) - len(survived)} of {len(chosen)} caught", flush=True)
    return 1 if survived else 0


def _try(mutation: Mutation) -> tuple[int, str]:
    """The exit code of the tests on a mutated copy, and the last line that they printed."""
    with tempfile.TemporaryDirectory(prefix="dropbox_clone_mutation_") as folder:
        copy = Path(folder) / "copy"
        _copy(copy)
        _apply(mutation, copy)
        if mutation.path.startswith("frontend/"):
            subprocess.run(["scripts/frontend.sh"], cwd=copy, check=True, capture_output=True)
        only = "not long and not action" if mutation.group == "postgresql" else "not long"  # as the group chooses
        words = [sys.executable, "-m", "pytest", "-q", "-x", "-m", only, *mutation.tests]
        if mutation.group == "postgresql":
            words = [sys.executable, "-m", "tests.servers.postgresql", *words]
        return _run(words, copy)


def _run(words: list[str], folder: Path) -> tuple[int, str]:
    """0 too when the tests did not end in time: what hangs has not noticed anything."""
    log = folder.parent / "output"
    task = Task("mutation", ["sh", "-c", 'cd "$0" && exec "$@"', str(folder), *words], 1.0, SECONDS)
    run = Schedule([task], cores=1.0, logs=log, finished=lambda _: None).run()["mutation"]
    lines = run.log.read_text(errors="replace").splitlines()
    if run.timed_out or not report.counts("\n".join(lines))["failed"]:
        return 0, f"given up after {SECONDS} s" if run.timed_out else (lines or [""])[-1]
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return run.code or 0, (failed or lines)[-1][:160]


def _copy(folder: Path) -> None:
    """The committed files, the bundle of the pages, and links to what is not committed."""
    subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(folder)], check=True)
    for name in LINKED:
        if (ROOT / name).exists():
            (folder / name).symlink_to((ROOT / name).resolve())
    if (ROOT / "frontend/dist").exists():
        subprocess.run(["cp", "-a", str(ROOT / "frontend/dist"), str(folder / "frontend/dist")], check=True)


def _apply(mutation: Mutation, folder: Path) -> None:
    path = folder / mutation.path
    text = path.read_text()
    assert text.count(mutation.old) == 1, f"{mutation.name}: {mutation.path} has {text.count(mutation.old)} of its line"
    path.write_text(text.replace(mutation.old, mutation.new))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
