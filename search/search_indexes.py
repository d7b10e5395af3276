"""What a search document is: haystack finds this module by its name. One document per live node."""

import mimetypes
from typing import Any

from haystack import indexes

from files.models import Node, NodeKind
from files.queries.tree import nodes
from search.text.words import fold

OTHER_TYPE = "application/octet-stream"


class NodeIndex(indexes.SearchIndex, indexes.Indexable):
    """Our own engine takes text, place and size from the tables directly; others get them as these fields."""

    text = indexes.CharField(document=True)
    name = indexes.CharField(model_attr="name")
    space_id = indexes.IntegerField(model_attr="space_id")
    kind = indexes.IntegerField(model_attr="kind")
    extension = indexes.CharField()
    media_type = indexes.CharField()
    size = indexes.IntegerField(model_attr="size")
    modified_at = indexes.DateTimeField(model_attr="modified_at")

    def get_model(self) -> type[Node]:
        return Node

    def index_queryset(self, using: str | None = None) -> Any:
        """All nodes that have a parent or are a root; what is in the trash is left out by the reindexing of spaces."""
        return nodes().filter(parent__isnull=False)

    def prepare_text(self, node: Node) -> str:
        from search.extraction import text_of  # it needs the engine, which needs this module

        return text_of(node.version.content_id) if node.version else ""

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
