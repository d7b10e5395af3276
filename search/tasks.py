"""Jobs of the index. Everything that they do is found in the database, so a lost message is made up for by the next."""

from celery import shared_task

from search.indexing import sweeping
from search.indexing.following import INDEX

TIME = 20.0  # seconds a run; the next one continues


@shared_task(name="search.tasks.index_spaces")
def index_spaces(*, only_calm: bool = True) -> int:
    """Follows the journals of all spaces, of those that are being written to a little later. Returns how many nodes
    were looked at.
    """
    return INDEX.run(seconds=TIME, only_calm=only_calm)


@shared_task(name="search.tasks.sweep_index")
def sweep_index() -> int:
    """Texts that could not be read, documents of what is gone."""
    return sweeping.fill_texts() + sweeping.remove_orphans()
