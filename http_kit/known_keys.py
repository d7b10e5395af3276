"""A body with a key that the endpoint does not know is refused: a misspelt one would be left out silently, and the act
would be another one than was meant.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.fields import ListField
from rest_framework.serializers import ListSerializer, Serializer

UNKNOWN = _("This key is not known here.")
Found = dict[str, Any]


def require_known(shape: Any, data: Any) -> None:
    """For a body that the serializer has taken. Raises ValidationError: by key, in bodies within it too."""
    found = _unknown(shape, data)
    if found:
        raise ValidationError(found)


def unknown_among(known: Iterable[str], values: Mapping[str, Any]) -> list[str]:
    """For a body that no serializer reads."""
    return sorted(set(values) - set(known))


def _unknown(shape: Any, data: Any) -> Found:
    if isinstance(shape, ListField | ListSerializer):
        return _in_list(shape.child, data) if isinstance(data, list) else {}
    if not isinstance(shape, Serializer) or not isinstance(data, Mapping):
        return {}
    fields = shape.fields
    found: Found = {str(key): [UNKNOWN] for key in unknown_among(fields, data)}
    for name, field in fields.items():
        below = _unknown(field, data[name]) if name in data else {}
        if below:
            found[name] = below
    return found


def _in_list(child: Any, data: list[Any]) -> Found:
    if not isinstance(child, Serializer | ListField | ListSerializer):
        return {}
    by_position = ((str(position), _unknown(child, value)) for position, value in enumerate(data))
    return {position: below for position, below in by_position if below}
