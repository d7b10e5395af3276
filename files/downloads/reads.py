"""Telling who keeps the record (settings.READ_HOOKS) that somebody reads what was shared with them.

Asked only for a file that somebody reached by a grant below the top of its space, or by a link: never in one's own
home. A download never fails because it could not be noted.
"""

import logging

from django.conf import settings
from django.db import Error
from django.utils.module_loading import import_string

from accounts.actor import Actor
from common.errors import CodedError

logger = logging.getLogger(__name__)


def note_read(actor: Actor | None, *, space_id: int, node_id: int) -> None:
    """A hook is called with the actor, `space_id` and `node_id`. Outside any transaction."""
    for dotted_path in settings.READ_HOOKS if actor is not None else ():
        try:
            import_string(dotted_path)(actor, space_id=space_id, node_id=node_id)
        except (Error, CodedError) as error:
            logger.warning("a read of node %d was not noted: %s", node_id, type(error).__name__)
