"""The composition root as a Django app: it has system checks and management commands, but no models."""

from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "dropbox_clone"

    def ready(self) -> None:
        from dropbox_clone import celery, checks  # noqa: F401 (the application of shared tasks; the checks)

        _close_foreign_pages()
        _spare_requests()
        _watch()


def _close_foreign_pages() -> None:
    """After all apps have put their pages into the console, which the console's own app has them do before this one."""
    from accounts.console import forget_foreign_pages

    forget_foreign_pages()


def _watch() -> None:
    """Notes for /metrics; a process that nobody scrapes keeps only the last ones."""
    from django.conf import settings

    from dropbox_clone.metrics import database, jobs, storage, worker

    database.watch(settings.DATABASES["default"]["ENGINE"])
    storage.watch_storages()
    storage.watch_uploads()
    jobs.watch()
    worker.watch()


def _spare_requests() -> None:
    """Two of Django's own receivers do nothing here, and ask every connection and cache for each request: statements
    are recorded only with DEBUG, and neither the cache in memory nor django-redis closes anything after a request.
    """
    from django.core import signals
    from django.core.cache import close_caches
    from django.db import reset_queries

    signals.request_started.disconnect(reset_queries)
    signals.request_finished.disconnect(close_caches)
