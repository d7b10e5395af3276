"""What serializers are made of: fields that all inputs share, and shapes of responses, which describe them in the
schema and never render.
"""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import CharField

from common import ids, times
from common.paths import MAXIMUM_PATH_BYTES

MAXIMUM_IDS = 1_000
ENDINGS = ("Shape", "Output")  # of the names of shapes


@extend_schema_field({"type": "string", "pattern": f"^{ids.WRITTEN}$", "example": "42"})
class IdField(serializers.Field[int, Any, str, Any]):
    """An id: a string of digits; a number is taken too. Whether it is anyone's is for the core to say."""

    default_error_messages = {"invalid": "Not an id."}

    def to_internal_value(self, data: Any) -> int:
        text = str(data) if isinstance(data, int | str) and not isinstance(data, bool) else ""
        if not ids.is_written_id(text):
            self.fail("invalid")
        return int(text)

    def to_representation(self, value: int) -> str:
        return str(value)


@extend_schema_field({"type": "string", "description": "A space's id, or `home`.", "example": "home"})
class SpaceField(IdField):
    """None is the actor's home."""

    def to_internal_value(self, data: Any) -> Any:
        return None if data == "home" else super().to_internal_value(data)


@extend_schema_field({"type": "string"})
class TextField(serializers.Field[str, Any, str, Any]):
    """A string exactly as sent, up to `maximum` characters: names and paths are judged by the core alone."""

    default_error_messages = {"invalid": "Not a string.", "too_long": "Longer than {maximum} characters."}

    def __init__(self, *, maximum: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maximum = maximum

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > self.maximum:
            self.fail("too_long", maximum=self.maximum)
        return data

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field({"type": "string", "example": "/Photos/2026"})
class PathField(TextField):
    """`/a/b`, from the top folder of the space."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(maximum=MAXIMUM_PATH_BYTES, **kwargs)


@extend_schema_field({"type": "string", "example": "report.pdf"})
class NameField(TextField):
    """The name of a file or folder."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(maximum=1024, **kwargs)


class TimeField(serializers.DateTimeField):
    """RFC 3339; without an offset it is UTC. The `+` of an offset that was not escaped in a query is put back."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        moment = times.parse_rfc3339(value) if isinstance(value, str) else None
        return super().to_internal_value(value) if moment is None else moment  # which raises what is wrong with it


def id_list(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=IdField(), min_length=1, max_length=MAXIMUM_IDS, **kwargs)


def path_list(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=PathField(), min_length=1, max_length=MAXIMUM_IDS, **kwargs)


class Input(serializers.Serializer[Any]):
    """`exactly_one` names fields of which exactly one must be present."""

    exactly_one: tuple[str, ...] = ()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        present = [name for name in self.exactly_one if attrs.get(name) is not None]
        if self.exactly_one and len(present) != 1:
            raise serializers.ValidationError(f"Give exactly one of {', '.join(self.exactly_one)}.")
        return attrs


class SpaceInput(Input):
    space = SpaceField(required=False, default=None, help_text="The space; the home without it.")


class PageInput(Input):
    cursor = TextField(maximum=4096, required=False, default=None, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=200)


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
