"""Writes the pages that come from the code: `python -m dropbox_clone.reference [--check]`."""

import argparse
import os
import secrets
import sys
import tempfile

from dropbox_clone.configuration import BASE_DIR


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m dropbox_clone.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 when a page is stale")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        _set_up(folder)
        from dropbox_clone.reference.pages import pages

        written = pages()
    stale = [path for path, text in written.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if not options.check:
            path.write_text(written[path])
        sys.stdout.write(f"{path.relative_to(BASE_DIR)}: {'stale' if options.check else 'written'}\n")
    return 1 if options.check and stale else 0


def _set_up(folder: str) -> None:
    """Django, with the defaults of an installation that nobody has."""
    os.environ.update(DATA_DIR=folder, SECRET_KEY=secrets.token_urlsafe(50))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
