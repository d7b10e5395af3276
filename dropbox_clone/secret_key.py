"""The secret key of the embedded shape: made once, kept in DATA_DIR/secret_key, for its owner only."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from common.file_urls import printable
from dropbox_clone.env import ConfigurationError


def load_or_create_secret_key(data_dir: Path) -> str:
    """The key in `data_dir`, made when there is none. Processes that start at the same time get the same key.

    The file is written under another name and then linked into place: a reader never sees half of it, and of
    two writers one wins and the other reads the winner's. Raises ConfigurationError.
    """
    path = data_dir / "secret_key"
    shown = printable(path)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a key"
        raise ConfigurationError(f"DATA_DIR must be a folder that can be written, {shown}: {reason}") from None
    if len(key) < 32:
        raise ConfigurationError(f"{shown} must hold at least 32 characters; delete it to have a new one made")
    return key


def _create(path: Path) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secret_key")  # created with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)
