"""The composition root as a Django app: it has system checks and management commands, but no models."""

from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "dropbox_clone"

    def ready(self) -> None:
        from dropbox_clone import celery, checks  # noqa: F401 (the application of shared tasks; the checks)
