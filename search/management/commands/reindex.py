"""manage.py reindex: forget the index and build it again from the tree."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.indexing.sweeping import forget, rebuild


class Command(BaseCommand):
    help = "Forget the search index and build it again from the tree. Searching finds what is there so far."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--texts", action="store_true", help="also read the texts of all files again")
        parser.add_argument("--background", action="store_true", help="leave the building to the jobs")

    def handle(self, *args: Any, **options: Any) -> None:
        forget(texts=options["texts"])
        if options["background"]:
            self.stdout.write("The index is empty; the jobs build it again.")
            return
        self.stdout.write(f"Looked at {rebuild()} files and folders.")
