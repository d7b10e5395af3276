"""A language for one test, as a folder of translations would bring it: `with language(tmp_path, "de", {...})`."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test import override_settings

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


@contextmanager
def language(folder: Path, code: str, texts: dict[str, str]) -> Iterator[None]:
    """English and this one are the languages of the installation meanwhile."""
    path = folder / code / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(compiled(texts))
    with override_settings(LANGUAGES=[("en", "English"), (code, code)], LOCALE_PATHS=[str(folder)]):
        yield


def compiled(texts: dict[str, str]) -> bytes:
    """A .mo file (GNU gettext manual, section "The Format of GNU MO Files"), without a hash table."""
    pairs = sorted((key.encode(), text.encode()) for key, text in {"": HEADER, **texts}.items())
    keys, values = 7 * 4, 7 * 4 + 8 * len(pairs)
    position = values + 8 * len(pairs)
    tables: list[list[tuple[int, int]]] = [[], []]
    data = b""
    for side in (0, 1):
        for pair in pairs:
            tables[side].append((len(pair[side]), position + len(data)))
            data += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), keys, values, 0, 0)
    return head + b"".join(struct.pack("<2I", *entry) for table in tables for entry in table) + data
