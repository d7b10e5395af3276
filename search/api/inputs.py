"""What GET /api/v1/search takes."""

from typing import Any

from rest_framework import serializers

from common import sizes
from files.models import NodeKind
from http_kit.fields import IdField, Input, SpaceField, TextField, TimeField
from search.queries import MAXIMUM_LIMIT, ORDERS, Wanted

LONGEST_TEXT = 100_000  # characters; what is too long to be meant is cut, not refused
_KINDS = {"folder": NodeKind.FOLDER, "file": NodeKind.FILE}
_SIZE: dict[str, Any] = {"min_value": 0, "max_value": sizes.MAXIMUM, "required": False, "default": None}


class WordsField(TextField):
    """A list separated by commas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(maximum=1_000, required=False, default="", **kwargs)


class SearchQuery(Input):
    q = TextField(
        maximum=LONGEST_TEXT,
        help_text='Words, "quoted phrases", -excluded, name:word, ext:pdf. The last word may be the start of one.',
    )
    space = SpaceField(required=False, help_text="Only this space; without it, all that you may see.")
    under = IdField(required=False, default=None, help_text="Only what is below this folder.")
    kind = serializers.ChoiceField([(kind, kind) for kind in _KINDS], required=False, default=None)
    ext = WordsField(help_text="Extensions without dots, separated by commas: `pdf,docx`.")
    media_type = WordsField(help_text="Whole or main types, separated by commas: `image,application/pdf`.")
    modified_after = TimeField(required=False, default=None)
    modified_before = TimeField(required=False, default=None)
    min_size = serializers.IntegerField(help_text="Bytes.", **_SIZE)
    max_size = serializers.IntegerField(help_text="Bytes.", **_SIZE)
    order = serializers.ChoiceField([(order, order) for order in ORDERS], default="relevance")
    cursor = TextField(maximum=4096, required=False, default=None, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=MAXIMUM_LIMIT, default=20)


def wanted_of(query: dict[str, Any], space_id: int | None) -> Wanted:
    return Wanted(
        space_id=space_id,
        under=query["under"],
        kind=None if query["kind"] is None else int(_KINDS[query["kind"]]),
        media_types=words(query["media_type"]),
        extensions=words(query["ext"]),
        modified_after=query["modified_after"],
        modified_before=query["modified_before"],
        minimum_size=query["min_size"],
        maximum_size=query["max_size"],
    )


def words(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip().lower()))
