"""Composition root: settings, doors, processes. It may import everything; nothing imports it."""

from dropbox_clone.celery import app as celery_app

__all__ = ["celery_app"]
