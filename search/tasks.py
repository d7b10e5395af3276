"""Jobs of the index. Everything that they do is found in the database, so a lost message is made up for by the next."""

from celery import shared_task
from django.core.cache import cache

from search.indexing import following, sweeping

TIME = 20.0  # seconds a run; the next one goes on
_RUNNING = "search:indexing"


@shared_task(name="search.tasks.index_spaces")
def index_spaces(*, only_calm: bool = True) -> int:
    """Follows the journals of all spaces, of those that are being written to a little later. Returns how many nodes
    were looked at.

    A second run at the same time would do no harm, only work twice: the mark in the cache spares it. That of a killed
    worker runs out by itself.
    """
    if not cache.add(_RUNNING, 1, timeout=TIME * 1.5):
        return 0
    try:
        return following.follow_all(seconds=TIME, only_calm=only_calm).nodes
    finally:
        cache.delete(_RUNNING)


@shared_task(name="search.tasks.sweep_index")
def sweep_index() -> int:
    """Texts that could not be read, documents of what is gone."""
    return sweeping.fill_texts() + sweeping.remove_orphans()
