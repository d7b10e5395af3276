"""Jobs of sharing. Everything that they do is found in the database: a lost message is made up for by the next."""

from celery import shared_task

from sharing.actions.link_uses import forget_uses
from sharing.actions.waiting import forget_gone, settle_waiting


@shared_task(name="sharing.tasks.forget_link_uses", ignore_result=True)
def forget_link_uses() -> int:
    """Deletes who has used links longer ago than the hour that counts."""
    return forget_uses()


@shared_task(name="sharing.tasks.settle_shares", ignore_result=True)
def settle_shares() -> int:
    """Gives what waited for somebody who has come; returns how many shares no longer wait."""
    return settle_waiting()


@shared_task(name="sharing.tasks.forget_shares", ignore_result=True)
def forget_shares() -> int:
    """Deletes what was kept beside grants that are gone."""
    return forget_gone()
