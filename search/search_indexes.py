"""What a search document is: haystack finds this module by its name. One document per live node."""

import mimetypes
from typing import Any

from haystack import indexes

from files.models import Node, NodeKind
from files.queries.tree import nodes
from search.models import ContentText
from search.text.words import fold, without_marks, words_of_name

OTHER_TYPE = "application/octet-stream"


class NodeIndex(indexes.SearchIndex, indexes.Indexable):
    """Our own engine takes text, place and size from the tables directly. Others get these fields, with the words of
    name and text in place of their characters, so that case, accents and scripts are treated alike everywhere.
    """

    text = indexes.CharField(document=True)
    name = indexes.CharField()
    name_key = indexes.CharField(model_attr="name_key", indexed=False)  # which is how haystack says "not analysed"
    space_id = indexes.IntegerField(model_attr="space_id")
    kind = indexes.IntegerField(model_attr="kind")
    extension = indexes.CharField(indexed=False)
    media_type = indexes.CharField(indexed=False)
    size = indexes.IntegerField(model_attr="size")
    modified_at = indexes.DateTimeField(model_attr="modified_at")

    def get_model(self) -> type[Node]:
        return Node

    def index_queryset(self, using: str | None = None) -> Any:
        """Without roots. What is in the trash is left out by our engine; with others, `manage.py reindex` does that."""
        return nodes().filter(parent__isnull=False)

    def prepare_text(self, node: Node) -> str:
        """`node.words_of_text` spares a query, see search/indexing/writing.py."""
        known: str | None = getattr(node, "words_of_text", None)
        if known is not None or node.version is None:
            return known or ""
        rows = ContentText.objects.filter(pk=node.version.content_id)
        return without_marks(rows.values_list("words", flat=True).first() or "")

    def prepare_name(self, node: Node) -> str:
        return " ".join(words_of_name(node.name))

    def prepare_extension(self, node: Node) -> str:
        return extension_of(node)

    def prepare_media_type(self, node: Node) -> str:
        return media_type_of(node)


def extension_of(node: Node) -> str:
    """Without the dot, folded; empty for folders, for names without one, and for `.profile`."""
    stem, dot, extension = node.name.rpartition(".")
    if node.kind == NodeKind.FOLDER or not stem or not dot:
        return ""
    return fold(extension)[:64]


def media_type_of(node: Node) -> str:
    """By the name: what a person means by "pictures"."""
    if node.kind == NodeKind.FOLDER:
        return ""
    return (mimetypes.guess_type(node.name, strict=False)[0] or OTHER_TYPE)[:100]
