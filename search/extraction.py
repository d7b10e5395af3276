"""The text of contents: read once, decoded, kept for the index and for snippets."""

import logging
import zlib
from collections.abc import Iterable, Sequence

from django.db import transaction

from common.errors import CodedError
from files.blobs import reader
from files.blobs.reader import Slice
from files.errors import ContentDamaged
from files.models import Content, Extent
from files.models.content import TextState
from search.engine.documents import padded
from search.models import ContentText
from search.text.decoding import MAXIMUM_BYTES, decode
from search.text.words import marks_of, words_of

logger = logging.getLogger(__name__)

TOGETHER = 1_000_000  # characters stored in one transaction, or a single larger text


def extract(content_ids: Iterable[int]) -> int:
    """Takes the text out of those of the contents of which nobody has yet. Returns how many are settled now.

    Bytes are read outside of any transaction. What the storage cannot give at the moment stays pending; two who do
    the same at once come to the same result.
    """
    rows = Content.objects.filter(pk__in=list(content_ids), text_state=TextState.PENDING)
    pending = list(rows)
    starts = _starts(pending)
    found: list[ContentText] = []
    states: dict[int, str] = {}
    for content in pending:
        try:
            text = _read(starts[content.pk])
        except ContentDamaged:
            states[content.pk] = TextState.FAILED
        except CodedError as error:
            logger.warning("text of content %s: %s", content.pk, error.code)
        else:
            states[content.pk] = TextState.NONE if not text else TextState.DONE
            if text:
                found.append(_row(content.pk, text))
        if sum(len(row.words) for row in found) > TOGETHER:
            _store(found, states)
            found = []
    _store(found, states)
    return len(states)


def _read(parts: Sequence[Slice]) -> str | None:
    """Of what is not text only the first chunk is read."""
    chunks = reader.read_slices(parts)
    first = next(chunks, b"")
    text = decode(first)
    rest = b"" if text is None else b"".join(chunks)
    return decode(first + rest) if rest else text


def _starts(contents: Sequence[Content]) -> dict[int, list[Slice]]:
    """Where the first MAXIMUM_BYTES of each are: one query for all of them."""
    starts: dict[int, list[Slice]] = {content.pk: [] for content in contents}
    rows = Extent.objects.filter(content_id__in=starts, offset__lt=MAXIMUM_BYTES).order_by("content_id", "offset")
    columns = ("content_id", "offset", "length", "blob__key", "blob_offset", "blob__pool__url")
    for pk, offset, length, key, at, url in rows.values_list(*columns):
        starts[pk].append(Slice(key, at, min(length, MAXIMUM_BYTES - offset), url))
    return starts


def texts_of(content_ids: Sequence[int]) -> dict[int, str]:
    rows = ContentText.objects.filter(pk__in=content_ids).values_list("pk", "text")
    return {pk: zlib.decompress(packed).decode() for pk, packed in rows}


def _row(content_id: int, text: str) -> ContentText:
    words = words_of(text)
    indexed = padded([*words, *marks_of(words)])
    return ContentText(content_id=content_id, text=zlib.compress(text.encode(), level=1), words=indexed)


def _store(found: list[ContentText], states: dict[int, str]) -> None:
    """Contents are locked in the order of their hashes, as everybody does (docs/locking.md)."""
    if not states:
        return
    with transaction.atomic():
        rows = Content.objects.select_for_update().filter(pk__in=states).order_by("content_hash")
        alive = set(rows.values_list("pk", flat=True))
        ContentText.objects.bulk_create([row for row in found if row.pk in alive], ignore_conflicts=True, batch_size=50)
        for state in set(states.values()):
            Content.objects.filter(pk__in=[pk for pk in alive if states[pk] == state]).update(text_state=state)
