"""Bringing documents and their index entries to what the nodes say. Under the caller's transaction."""

from collections.abc import Sequence

from files.models import Node
from files.models.content import TextState
from search.engine.selection import dialect
from search.models import ContentText, Document
from search.search_indexes import extension_of, media_type_of
from search.text.words import words_of_name

_COLUMNS = ["space_id", "content_id", "name_words", "extension", "media_type", "has_text", "awaits_text"]
_INDEXED = ("space_id", "name_words", "content_id", "has_text")


def padded(words: Sequence[str]) -> str:
    """With a space before and after each word, so that a phrase can be looked up as a piece of text."""
    return f" {' '.join(words)} " if words else ""


def update(nodes: Sequence[Node]) -> None:
    """`nodes` live, with version and content. An index entry is written only where its words have changed."""
    texts = _contents_with_text(nodes)
    wanted = {node.pk: _document(node, texts) for node in sorted(nodes, key=lambda node: node.pk)}
    there = Document.objects.in_bulk(list(wanted))
    changed = [d for pk, d in wanted.items() if pk not in there or _differs(d, there[pk], _COLUMNS)]
    entries = [d.pk for d in changed if d.pk not in there or _differs(d, there[d.pk], _INDEXED)]
    dialect().erase([pk for pk in entries if pk in there])
    Document.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["node_id"], update_fields=_COLUMNS, batch_size=200
    )
    dialect().write(entries)


def remove(node_ids: Sequence[int]) -> None:
    """Documents that are not there are no error."""
    there = list(Document.objects.filter(pk__in=node_ids).order_by("pk").values_list("pk", flat=True))
    dialect().erase(there)
    Document.objects.filter(pk__in=there)._raw_delete("default")


def _document(node: Node, texts: set[int]) -> Document:
    content = node.version.content if node.version else None
    content_id = content.pk if content else None
    has_text = content_id in texts
    return Document(
        node_id=node.pk,
        space_id=node.space_id,
        content_id=content_id,
        name_words=padded(words_of_name(node.name)),
        extension=extension_of(node),
        media_type=media_type_of(node),
        has_text=has_text,
        awaits_text=not has_text and content is not None and content.text_state in (TextState.PENDING, TextState.DONE),
    )


def _contents_with_text(nodes: Sequence[Node]) -> set[int]:
    ids = {node.version.content_id for node in nodes if node.version}
    return set(ContentText.objects.filter(pk__in=ids).values_list("pk", flat=True))


def _differs(one: Document, other: Document, columns: Sequence[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in columns)


__all__ = ["padded", "remove", "update"]
