"""Jobs of the index. Everything that they do is found in the database, so a lost message is made up for by the next."""

from celery import shared_task

from search.indexing import following, leftovers

TIME = 25.0  # seconds a run; the next one goes on


@shared_task(name="search.tasks.index_spaces")
def index_spaces() -> int:
    """Follows the journals of all spaces. Returns how many nodes were looked at."""
    return following.follow_all(seconds=TIME).nodes


@shared_task(name="search.tasks.sweep_index")
def sweep_index() -> int:
    """Texts that could not be read, documents of what is gone."""
    return leftovers.fill_texts() + leftovers.remove_orphans()
