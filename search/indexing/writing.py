"""From nodes to the index, whichever engine it is."""

from collections.abc import Sequence
from typing import Any

from haystack import connections
from haystack.constants import DEFAULT_ALIAS

from files.models import Node
from search.models import ContentText
from search.sight import live, load
from search.text.words import without_marks


def backend() -> Any:
    """The haystack backend in use."""
    return connections[DEFAULT_ALIAS].get_backend()


def bring_up_to_date(node_ids: Sequence[int]) -> None:
    """Documents for those of the nodes that are live, none for the others. Idempotent: what counts is how things are
    now, whatever happened before.
    """
    if not node_ids:
        return
    engine, found = backend(), load(node_ids)
    if not getattr(engine, "knows_the_tree", False):
        found = _with_texts(live(found))
    gone = sorted(set(node_ids) - {node.pk for node in found})
    if gone:
        remove(gone)
    if found:
        engine.update(connections[DEFAULT_ALIAS].get_unified_index().get_index(Node), found)


def _with_texts(found: list[Node]) -> list[Node]:
    """With what NodeIndex.prepare_text would otherwise ask for node by node."""
    contents = {node.version.content_id for node in found if node.version}
    words = dict(ContentText.objects.filter(pk__in=contents).values_list("pk", "words"))
    for node in found:
        text = words.get(node.version.content_id, "") if node.version else ""
        node.words_of_text = without_marks(text)  # type: ignore[attr-defined]
    return found


def remove(node_ids: Sequence[int]) -> None:
    engine = backend()
    if hasattr(engine, "remove_nodes"):
        engine.remove_nodes(node_ids)
        return
    for node_id in node_ids:
        engine.remove(f"files.node.{node_id}")
