"""Whether the collected static files are those of the present packages and bundle."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

STAMP = ".stamp"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two installations that start from one checkout do not collect into each other's files."""
    folder = Path(settings.STATIC_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def static_files_are_fresh() -> bool:
    try:
        return (Path(settings.STATIC_ROOT) / STAMP).read_text() == _fingerprint()
    except OSError:
        return False


def stamp_static_files() -> None:
    (Path(settings.STATIC_ROOT) / STAMP).write_text(_fingerprint())


def _fingerprint() -> str:
    """Of the pinned packages, which bring most static files, and of our own files."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "constraints.txt"):
        digest.update((settings.BASE_DIR / name).read_bytes())
    digest.update(repr(settings.INSTALLED_APPS).encode())
    for path in sorted(_own_files()):
        digest.update(f"{path.relative_to(settings.BASE_DIR)} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _own_files() -> Iterator[Path]:
    for folder in settings.STATICFILES_DIRS:
        yield from (path for path in Path(folder).rglob("*") if path.is_file())
