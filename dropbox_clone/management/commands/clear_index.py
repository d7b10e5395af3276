"""django-haystack's command of this name knows nothing of our index, which follows the journal: it is refused."""

from common.refused_command import RefusedCommand


class Command(RefusedCommand):
    help = "Not here: use `reindex`."
    instead = "reindex"
