"""What the steps left behind: texts that could not be read at the time, documents of nodes that are gone. And building
the index again from nothing, after a change of how words are made, or when in doubt.
"""

from django.core.cache import cache
from django.db import connection, transaction

from common.batches import in_batches
from files.models import Content, Node
from files.models.content import TextState
from search import extraction
from search.indexing import writing
from search.indexing.following import INDEX
from search.models import ContentText, Document, FolderVisit, SearchCursor

BATCH = 100
SWEPT = 5_000  # ids a run
REBUILD_BATCH = 1_000


def fill_texts(*, limit: int = 1_000) -> int:
    """Documents whose text was still to come. Returns how many have been looked at."""
    last, count = 0, 0
    while count < limit:
        rows = Document.objects.filter(awaits_text=True, pk__gt=last).order_by("pk")
        found = list(rows.values_list("pk", "content_id")[:BATCH])
        if not found:
            break
        extraction.extract({content_id for _, content_id in found if content_id})
        with transaction.atomic():
            writing.bring_up_to_date([pk for pk, _ in found])
        last, count = found[-1][0], count + len(found)
    return count


def remove_orphans() -> int:
    """Documents without a node, texts without a content, documents whose node has the same bytes as another content
    now (moved to another pool or region): a range of ids a run, on from where the last one ended.
    """
    return _orphan_documents() + _orphan_texts()


def _orphan_documents() -> int:
    ids = _next_range(Document, "search:swept-documents")
    gone = sorted(set(ids) - set(Node.objects.filter(pk__in=ids).values_list("pk", flat=True)))
    for batch in in_batches(gone, BATCH):
        with transaction.atomic():
            writing.remove(batch)
    other = _of_other_contents(ids[0], ids[-1]) if ids else []
    for batch in in_batches(other, BATCH):
        with transaction.atomic():
            writing.bring_up_to_date(batch)
    return len(gone) + len(other)


def _of_other_contents(first: int, last: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.node_id FROM search_document d JOIN files_node n ON n.id = d.node_id "
            "JOIN files_version v ON v.id = n.version_id "
            "WHERE d.node_id BETWEEN %s AND %s AND d.content_id <> v.content_id ORDER BY d.node_id",
            [first, last],
        )
        return [node_id for (node_id,) in cursor.fetchall()]


def _orphan_texts() -> int:
    """A text stays as long as a document has its words in the index: they can be taken out only with it."""
    ids = _next_range(ContentText, "search:swept-texts")
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_contenttext WHERE content_id BETWEEN %s AND %s "
            "AND NOT EXISTS (SELECT 1 FROM files_content c WHERE c.id = search_contenttext.content_id) "
            "AND NOT EXISTS (SELECT 1 FROM search_document d WHERE d.content_id = search_contenttext.content_id)",
            [ids[0], ids[-1]],
        )
        return cursor.rowcount


def _next_range(model: type[Document] | type[ContentText], name: str) -> list[int]:
    """The place is only remembered in the cache: losing it means to start from the front."""
    ids = list(model.objects.filter(pk__gt=cache.get(name, 0)).order_by("pk").values_list("pk", flat=True)[:SWEPT])
    cache.set(name, ids[-1] if len(ids) == SWEPT else 0, None)
    return ids


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
    ids = list(Content.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:REBUILD_BATCH])
    with transaction.atomic():
        rows = Content.objects.select_for_update().filter(pk__in=ids).order_by("content_hash")
        rows = rows.exclude(text_state=TextState.PENDING)
        Content.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(text_state=TextState.PENDING)
    return ids[-1] if len(ids) == REBUILD_BATCH else None
