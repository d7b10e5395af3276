"""A zip as a stream (APPNOTE.TXT 6.3, ZIP64 where needed), stored and not compressed: most files are compressed
already, and so its length is known in advance.

zipstream-ng writes the headers. What it does not do is done here: times of streamed entries, and a central
directory of 100 bytes an entry instead of a kilobyte.
"""

import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from zipstream.ng import ZIP64_ESTIMATE_FACTOR, ZIP64_LIMIT, ZIP_STORED, ZipStream, ZipStreamInfo

_FILE_MODE, _FOLDER_MODE = 0o100644 << 16, (0o40755 << 16) | 0x10
_HAS_DESCRIPTOR = 1 << 3
_END, _END_64 = 22, 56 + 20  # bytes: end of the central directory; its ZIP64 form with locator


class _Directory:
    """The central directory so far, in the place of the library's list of objects."""

    def __init__(self) -> None:
        self._packed = bytearray()
        self._count = 0

    def append(self, info: ZipStreamInfo) -> None:
        self._packed += info._central_directory_header_data()
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> "Iterator[_Directory]":
        yield self

    def _central_directory_header_data(self) -> bytes:
        return bytes(self._packed)


class Archive(ZipStream):
    """Entries in order, then `footer()`."""

    def __init__(self) -> None:
        super().__init__(compress_type=ZIP_STORED)
        self._filelist = _Directory()

    def entry(self, name: str, modified: datetime, chunks: Iterable[bytes] | None, size: int) -> Iterator[bytes]:
        """A file, or a folder when `chunks` is None. `size` is what the chunks add up to."""
        info = _info(name, modified, size, is_folder=chunks is None)
        info.header_offset = self._pos
        for data in info._file_data(chunks):
            yield self._track(data)
        self._filelist.append(info)


def length_of(entries: Iterable[tuple[str, datetime, int | None]]) -> int:
    """Bytes of the archive of these (name, time, size; None for a folder): exactly what Archive will write."""
    position = directory = count = 0
    for name, modified, size in entries:
        info = _info(name, modified, size or 0, is_folder=size is None)
        info.header_offset = position
        zip64 = info.file_size * ZIP64_ESTIMATE_FACTOR > ZIP64_LIMIT
        if size is not None:
            info.flag_bits |= _HAS_DESCRIPTOR
            position += info.file_size + len(info.DataDescriptor(zip64))
        position += len(info.FileHeader(zip64))
        directory += len(info._central_directory_header_data())
        count += 1
    large = count >= 0xFFFF or position > ZIP64_LIMIT or directory > ZIP64_LIMIT
    return position + directory + _END + (_END_64 if large else 0)


def _info(name: str, modified: datetime, size: int, *, is_folder: bool) -> ZipStreamInfo:
    """Times are in UTC; programs that know the extended timestamp show them in local time."""
    moment = modified.astimezone(UTC)
    date_time = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    date_time = min(max(date_time, (1980, 1, 1, 0, 0, 0)), (2107, 12, 31, 23, 59, 58))
    info = ZipStreamInfo(f"{name}/" if is_folder else name, date_time)
    seconds = int(moment.timestamp() // 1)
    if -(2**31) <= seconds < 2**31:
        info.extra = struct.pack("<2sHBl", b"UT", 5, 1, seconds)  # Info-ZIP's extended timestamp
    info.external_attr = _FOLDER_MODE if is_folder else _FILE_MODE
    info.compress_type, info._compresslevel = ZIP_STORED, None
    info.CRC = info.compress_size = 0
    info.file_size = info.compress_size = size
    return info
