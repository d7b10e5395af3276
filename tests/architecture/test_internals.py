"""Private names of botocore and zipstream-ng that we rely on: this fails first when a new version changes one.

Those of gunicorn: tests/platform/web_server/test_internals.py.
"""

import inspect
import re
from typing import Any

import pytest
from botocore import awsrequest, client, endpoint, hooks, httpsession
from zipstream import ng

from tests.architecture.test_house import ROOT

# (class, name, where it is used): an attribute of its objects, or a method.
NAMES: list[tuple[type[Any], str, str]] = [
    (client.BaseClient, "_endpoint", "storage/s3_endpoint.py"),
    (endpoint.Endpoint, "http_session", "storage/s3_endpoint.py"),
    (httpsession.URLLib3Session, "_manager", "storage/s3_endpoint.py"),
    (httpsession.URLLib3Session, "_pool_classes_by_scheme", "storage/s3_endpoint.py"),
    (hooks.BaseEventHooks, "register_first", "storage/s3_endpoint.py"),
    (ng.ZipStream, "_filelist", "files/downloads/zip_archive.py"),
    (ng.ZipStream, "_pos", "files/downloads/zip_archive.py"),
    (ng.ZipStream, "_track", "files/downloads/zip_archive.py"),
    (ng.ZipStreamInfo, "_file_data", "files/downloads/zip_archive.py"),
    (ng.ZipStreamInfo, "_central_directory_header_data", "files/downloads/zip_archive.py"),
]


@pytest.mark.parametrize(("owner", "name", "module"), NAMES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_it_is_there_and_used(owner: type[Any], name: str, module: str) -> None:
    assert re.search(rf"self\.{name}\b|def {name}\(", inspect.getsource(owner))
    assert name in (ROOT / module).read_text(), "it is not used any more: remove the line"


@pytest.mark.parametrize(
    "name", ["AWSHTTPConnection", "AWSHTTPSConnection", "AWSHTTPConnectionPool", "AWSHTTPSConnectionPool"]
)
def test_connections_are_made_by_these_classes(name: str) -> None:
    assert inspect.isclass(getattr(awsrequest, name))
