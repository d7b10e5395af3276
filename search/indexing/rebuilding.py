"""Building the index again from nothing: after a change of how words are made, or when in doubt."""

from django.db import transaction

from files.models import Content
from files.models.content import TextState
from search.indexing import writing
from search.indexing.following import INDEX
from search.models import ContentText, FolderVisit, SearchCursor

BATCH = 1_000


def forget(*, texts: bool = False) -> None:
    """Empties the index. The jobs, or `rebuild`, fill it again. `texts`: the texts of files are read again too."""
    with transaction.atomic():
        FolderVisit.objects.all().delete()
        SearchCursor.objects.all().delete()
        writing.backend().clear()
        if texts:
            ContentText.objects.all()._raw_delete("default")
    last: int | None = 0
    while texts and last is not None:
        last = _forget_texts(last)


def rebuild() -> int:
    """Returns how many nodes were looked at."""
    return INDEX.follow_all(seconds=float("inf")).count


def _forget_texts(after: int) -> int | None:
    ids = list(Content.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])
    with transaction.atomic():
        rows = Content.objects.select_for_update().filter(pk__in=ids).order_by("content_hash")
        rows = rows.exclude(text_state=TextState.PENDING)
        Content.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(text_state=TextState.PENDING)
    return ids[-1] if len(ids) == BATCH else None
