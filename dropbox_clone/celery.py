"""The Celery application. Its worker is started as `celery -A dropbox_clone worker`."""

import os
import warnings
from typing import Any

import celery
from celery import signals

from dropbox_clone import broker
from dropbox_clone.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")

# It warns of pickle in messages; ours are JSON only (settings.CELERY_ACCEPT_CONTENT).
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

LOADED_BY = os.getpid()  # in the process of the schedule, which is forked: the worker's

broker.register()
app = celery.Celery("dropbox_clone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Django's LOGGING holds here too; without a receiver Celery would configure logging itself."""


@signals.beat_embedded_init.connect
def clock_dies_with_its_worker(**_: Any) -> None:
    """The schedule has a process of its own below the worker; a killed worker must not leave it behind."""
    die_with_parent(LOADED_BY)
