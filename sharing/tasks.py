"""Jobs of sharing. Everything that they do is found in the database: a lost message is made up for by the next."""

from celery import shared_task

from sharing.actions.link_uses import forget_uses


@shared_task(name="sharing.tasks.forget_link_uses", ignore_result=True)
def forget_link_uses() -> int:
    """Deletes who has used links longer ago than the hour that counts."""
    return forget_uses()
