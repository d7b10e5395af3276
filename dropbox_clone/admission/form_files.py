"""No page takes files: they are sent to the API, to WebDAV or in pieces, where quotas count them."""

from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class RefusingUploadHandler(FileUploadHandler):
    """The only one of FILE_UPLOAD_HANDLERS. Raises as soon as a part of a form is a file, before its first byte: what
    Django's handlers would do is write it to the disk, for anybody.
    """

    def new_file(self, *arguments: Any, **keywords: Any) -> NoReturn:
        raise RequestDataTooBig("Forms take no files: use the API, WebDAV or an upload session.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:
        raise RequestDataTooBig

    def file_complete(self, file_size: int) -> None:
        return None
