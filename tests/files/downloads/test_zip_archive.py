"""files.downloads.zip_archive: what Python's reader finds in it, and its length before a byte is written."""

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime, timedelta, timezone

import pytest

from files.downloads.zip_archive import Archive, length_of

WHEN = datetime(2020, 2, 29, 12, 30, 41, tzinfo=UTC)
Entry = tuple[str, datetime, bytes | None]


def written(entries: list[Entry]) -> bytes:
    archive = Archive()
    parts: list[bytes] = []
    for name, modified, data in entries:
        half = len(data or b"") // 2
        chunks = None if data is None else [data[:half], data[half:]]
        parts += archive.entry(name, modified, chunks, len(data or b""))
    return b"".join([*parts, *archive.footer()])


def read(entries: list[Entry]) -> zipfile.ZipFile:
    body = written(entries)
    planned = [(name, modified, None if data is None else len(data)) for name, modified, data in entries]
    assert length_of(planned) == len(body)
    found = zipfile.ZipFile(io.BytesIO(body))
    assert found.testzip() is None
    return found


def test_names_bytes_and_sums() -> None:
    entries: list[Entry] = [
        ("d", WHEN, None),
        ("d/ümläut 文字😀.txt", WHEN, b"some text"),
        ("d/empty", WHEN, b""),
        ("x" * 255, WHEN, b"\0" * 70_000),
    ]
    archive = read(entries)
    assert archive.namelist() == ["d/", *(name for name, *_ in entries[1:])]
    for info, (_, _, data) in zip(archive.infolist(), entries, strict=True):
        assert info.compress_type == zipfile.ZIP_STORED
        assert (info.file_size, info.compress_size) == (len(data or b""), len(data or b""))
        assert zlib.crc32(data or b"") == info.CRC
        assert archive.read(info) == (data or b"")
        assert info.is_dir() is (data is None)
        assert oct(info.external_attr >> 16) == ("0o40755" if data is None else "0o100644")


@pytest.mark.parametrize(
    ("modified", "shown", "seconds"),
    [
        (WHEN, (2020, 2, 29, 12, 30, 40), 1582979441),
        (WHEN.astimezone(timezone(timedelta(hours=9))), (2020, 2, 29, 12, 30, 40), 1582979441),
        (WHEN + timedelta(microseconds=999_999), (2020, 2, 29, 12, 30, 40), 1582979441),
        (datetime(1901, 1, 1, tzinfo=UTC), (1980, 1, 1, 0, 0, 0), None),
        (datetime(1969, 12, 31, 23, 59, 58, 500_000, tzinfo=UTC), (1980, 1, 1, 0, 0, 0), -2),
        (datetime(2200, 1, 1, tzinfo=UTC), (2107, 12, 31, 23, 59, 58), None),
    ],
)
def test_times_in_utc_and_within_what_the_format_knows(
    modified: datetime, shown: tuple[int, ...], seconds: int | None
) -> None:
    (info,) = read([("a", modified, b"x")]).infolist()
    assert info.date_time == shown
    extended = b"" if seconds is None else struct.pack("<2sHBl", b"UT", 5, 1, seconds)
    assert extended in info.extra
    assert (b"UT" in info.extra) is (seconds is not None)


def test_no_entry_and_very_many() -> None:
    assert read([]).namelist() == []
    many: list[Entry] = [(f"{number}", WHEN, b"") for number in range(0xFFFF)]  # one more than the plain format counts
    for count in (0xFFFE, 0xFFFF):
        planned = [(name, modified, 0) for name, modified, _ in many[:count]]
        assert length_of(planned) == len(written(many[:count])), count


def test_a_size_that_was_not_kept_shows() -> None:
    """Whoever reads it finds out: the sum of the bytes that came, and their number, stand behind them."""
    archive = Archive()
    body = b"".join([*archive.entry("a", WHEN, [b"12345"], 5), *archive.footer()])
    broken = body.replace(b"12345", b"12355")
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    assert zipfile.ZipFile(io.BytesIO(broken)).testzip() == "a"
