"""Everything between an installed release and a running one; does only what is not done yet."""

import sys
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from accounts.setup import create_setup_link
from common.redaction import redact
from dropbox_clone import installation, start_checks
from dropbox_clone.env import ConfigurationError, one_clear_line
from dropbox_clone.postgresql.migrating import migrate_beside_requests
from dropbox_clone.private_files import keep_private, public_files
from dropbox_clone.static_stamp import one_at_a_time, stamp_static_files, static_files_are_fresh

MIGRATION_LOCK = 0x64726F70  # any number that nothing else in the database locks


class Command(BaseCommand):
    help = "Migrate the database, ensure the default pool, collect static files. Safe to run at any time."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--setup-link",
            action="store_true",
            help="print a one-time link for the first administrator while there is none",
        )
        parser.add_argument("--announce-setup", action="store_true", help="the same, as a sentence for people")

    def handle(self, *args: Any, setup_link: bool = False, announce_setup: bool = False, **options: Any) -> None:
        keep_private(settings.CONFIGURATION)
        with one_clear_line():
            self.open_backends()
        installation.say("prepare", settings.CONFIGURATION)
        if "ensurepool" in get_commands():
            call_command("ensurepool", stdout=sys.stderr)
        if not static_files_are_fresh():
            self.collect_static_files()
        if setup_link or announce_setup:
            self.print_setup_link(as_sentence=announce_setup)

    def collect_static_files(self) -> None:
        with public_files(), one_at_a_time():
            if static_files_are_fresh():
                return
            # Files of earlier releases stay: their names are hashes, and pages open in a browser ask for them.
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp_static_files()

    def open_backends(self) -> None:
        """Raises ConfigurationError when a URL cannot be used or a backend does not answer."""
        start_checks.check_data_dir()
        start_checks.check_storage()
        start_checks.check_database()
        start_checks.check_cache()
        start_checks.check_broker()
        start_checks.check_mail()
        try:
            self.migrate()
        except OperationalError as error:
            reason = redact(str(error).strip().partition("\n")[0])
            raise ConfigurationError(f"DATABASE_URL: {reason}") from None

    def migrate(self) -> None:
        """Replicas that start together take turns."""
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        if connection.vendor != "postgresql":
            call_command("migrate", interactive=False, verbosity=0)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                migrate_beside_requests(connection, lambda: call_command("migrate", interactive=False, verbosity=0))
            finally:
                with suppress(Error):  # of a session that is gone the lock is gone too
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])

    def print_setup_link(self, *, as_sentence: bool) -> None:
        link = create_setup_link(settings.BASE_URL)
        if link is None:
            return
        if as_sentence:
            who = "administrator" if User.objects.exists() else "account"
            link = f"There is no {who} yet. Make the first administrator: {link}"
        self.stdout.write(link)
