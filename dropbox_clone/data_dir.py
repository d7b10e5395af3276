"""DATA_DIR: a path, whatever it holds. What is below it is named by URLs that common/file_urls.py makes."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from common.file_urls import printable
from dropbox_clone.env import ConfigurationError

NAME = "DATA_DIR"


def read_data_dir(variables: Mapping[str, str], base: Path) -> Path:
    """As it is given: not even spaces at its ends are taken away. Absolute; a relative one begins at `base`.

    All processes of an installation get the same folder by this, wherever they are started.
    """
    value = variables.get(NAME, "")
    if "\0" in value:
        raise ConfigurationError(f"{NAME} must be a path, got {value!r}")
    path = base / os.path.expanduser(value if value.strip() else "var")
    # `..` after a symbolic link is not what it looks like, so the kernel's answer counts.
    path = Path(os.path.realpath(path)) if ".." in path.parts else path
    return Path("/" + str(path).lstrip("/"))


def database_of(data_dir: Path) -> Path:
    return data_dir / "db.sqlite3"


def refuse_misread(data_dir: Path) -> None:
    """Releases before pasted DATA_DIR into URLs as it was: `100%41` was `100A`, and `my#dir` the file `my`.

    Whoever has an installation in such a place must not find an empty one in its stead. Raises ConfigurationError.
    """
    database = database_of(data_dir)
    if database.exists():
        return
    try:
        misread = Path("/" + unquote(urlsplit(f"sqlite://{database}").path).lstrip("/"))
    except ValueError:
        return
    if misread != database and misread.is_file():
        raise ConfigurationError(
            f"{NAME} is {printable(data_dir)}, which an earlier release took for another place: the database is "
            f"{printable(misread)}. Move it, with blobs, broker and secret_key, into {NAME}, or name its folder there"
        )
