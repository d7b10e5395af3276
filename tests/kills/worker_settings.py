"""The product's settings for a worker that is killed: short leases, jobs that look for work every second."""

from datetime import timedelta

from dropbox_clone.settings import *
from dropbox_clone.settings import CELERY_BEAT_SCHEDULE

JOB_LEASE = timedelta(seconds=2)
BRAKE = False  # one person deletes everything at once
CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": 1.0, "options": {}}
    for name, entry in CELERY_BEAT_SCHEDULE.items()
    if entry.get("args") in (["purge"], ["gc"])
}
