"""The one place that says what time it is, so that tests can say it instead."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Aware, UTC."""
    return timezone.now()
