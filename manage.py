#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")
    os.umask(0o077)  # whatever a command writes is its account's only, as dropbox_clone.private_files says
    from django.core.management import execute_from_command_line

    from dropbox_clone import installation
    from dropbox_clone.env import one_clear_line

    if os.environ["DJANGO_SETTINGS_MODULE"] == "dropbox_clone.settings":  # other settings have their own database
        with one_clear_line():
            installation.begin(sys.argv[1:])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
