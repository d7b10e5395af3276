"""What pages call a button, a link, a heading or a message of the product is what stands there."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.pages import ROOT, prose_of

PAGES = [
    ROOT / name
    for name in (
        "README.md",
        "docs/teams.md",
        "docs/guide/user_guide.md",
        "docs/operations/credentials.md",
        "docs/operations/first_administrator.md",
        "docs/operations/troubleshooting.md",
        "docs/protocols/nextcloud.md",
        "docs/protocols/webdav.md",
    )
]
TEXTS = (
    *("templates/**/*.html", "frontend/src/**/*.ts", "files/web/*.py", "accounts/web/*.py", "accounts/*_forms.py"),
    *("files/errors.py", "accounts/errors.py", "files/models/*.py", "accounts/models/*.py", "files/admin/*.py"),
    *("accounts/admin/*.py", "sharing/web/*.py", "sharing/models/*.py", "dropbox_clone/unfold_settings.py"),
)
OF_OTHERS = {"forgot your password?", "add"}  # allauth's page for signing in, Django's console
_LABEL = re.compile(r"(?<![\w*])\*([A-Z][^*]+)\*(?![\w*])")


@cache
def texts() -> str:
    """Of everything that shows something to people, in one line and in small letters."""
    files = [path for pattern in TEXTS for path in sorted(ROOT.glob(pattern))]
    return " ".join(" ".join(path.read_text().split()) for path in files).lower()


def labels_in(text: str) -> list[str]:
    """`*Settings, Devices*` is a way of two, unless something is called so."""
    found = []
    for label in _LABEL.findall(" ".join(text.replace("**", "").split())):
        found += [label] if _is_shown(label) else label.split(", ")
    return found


def _is_shown(label: str) -> bool:
    return label.lower().rstrip(" …") in texts()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_called_so_is_there(page: Path) -> None:
    missing = [label for label in labels_in(prose_of(page)) if not _is_shown(label)]
    assert [label for label in missing if label.lower() not in OF_OTHERS] == []


def test_a_label_that_is_not_there_is_found() -> None:
    assert labels_in("Press *Never there* under *Team, Devices*, and not **bold**.") == [
        "Never there",
        "Team",
        "Devices",
    ]
    assert _is_shown("Locked by …")
    assert not _is_shown("Never there")
