"""Which pages are written from the code."""

from pathlib import Path

from dropbox_clone.configuration import BASE_DIR
from dropbox_clone.reference import error_catalogue, limits

DOCUMENTS = BASE_DIR / "docs"


def pages() -> dict[Path, str]:
    """The text of each by its path."""
    return {
        DOCUMENTS / "protocols" / "errors.md": error_catalogue.page(),
        DOCUMENTS / "limits.md": limits.page(),
    }
