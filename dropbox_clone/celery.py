"""The Celery application. Its worker is started as `celery -A dropbox_clone worker`; with `--clock` where it is alone:
then it starts the periodic jobs too.
"""

import os
import warnings
from typing import Any

import celery
from celery import bootsteps, signals
from celery.beat import EmbeddedService
from click import Option

from dropbox_clone import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")

# It warns of pickle in messages; ours are JSON only (settings.CELERY_ACCEPT_CONTENT).
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

broker.register()
app = celery.Celery("dropbox_clone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Django's LOGGING holds here too; without a receiver Celery would configure logging itself."""


class Clock(bootsteps.StartStopStep):
    """The schedule in a thread of the worker. Celery's own `--beat` forks a process for it, which takes 70 MiB."""

    label = "Clock"

    def __init__(self, worker: Any, clock: bool = False, **options: Any) -> None:
        self.enabled = clock
        super().__init__(worker, **options)

    def create(self, worker: Any) -> Any:
        return EmbeddedService(worker.app, thread=True, scheduler_cls=worker.scheduler)


app.user_options["worker"].add(Option(["--clock"], is_flag=True, help="Start the periodic jobs too."))
app.steps["worker"].add(Clock)
