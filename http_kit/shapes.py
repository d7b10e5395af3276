"""The shapes of JSON responses, for the schema: they describe and never render."""

from typing import Any

from rest_framework import serializers
from rest_framework.fields import CharField

ENDINGS = ("Shape", "Output")  # of the names of shapes


class Shape(serializers.Serializer[Any]):
    """Describes; never renders."""


def page_shape(item: type[serializers.BaseSerializer[Any]], **more: Any) -> type[Shape]:
    """`{items, next_cursor}`."""
    next_cursor = CharField(allow_null=True)
    return _of_many(item, "Page", "One page.", {"next_cursor": next_cursor, **more})


def list_shape(item: type[serializers.BaseSerializer[Any]]) -> type[Shape]:
    """`{items}`."""
    return _of_many(item, "List", "All of them.", {})


def _of_many(item: type[serializers.BaseSerializer[Any]], what: str, text: str, fields: dict[str, Any]) -> type[Shape]:
    """`TokenOutput` becomes `TokenPageOutput`: the name that the schema publishes."""
    ending = next(ending for ending in ENDINGS if item.__name__.endswith(ending))
    name = f"{item.__name__.removesuffix(ending)}{what}{ending}"
    return type(name, (Shape,), {"__module__": item.__module__, "__doc__": text, "items": item(many=True), **fields})
