"""Bodies that are too large for their address, and files in forms: refused before anything is parsed or stored."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dropbox_clone.admission.heads import EndpointKind, body_limit, endpoint_of

LIMITS = settings.CONFIGURATION.admission
FORM = "application/x-www-form-urlencoded"
PAGES = [
    "/accounts/login/",
    "/index.php/login/v2/poll",
    "/index.php/login/v2",
    "/setup/x/",
    "/nowhere",
    "/admin/login/",
]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_sends_no_large_form(client: Client, path: str) -> None:
    body = b"a=" + b"x" * (LIMITS.anonymous_body_limit - 1)
    answer = client.post(path, body, content_type=FORM)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    assert answer.json()["limit"] == LIMITS.anonymous_body_limit
    page = client.post(path, body, content_type=FORM, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Content-Type"]) == (413, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", PAGES)
def test_an_invented_session_makes_a_form_larger_only_to_the_next_limit(client: Client, path: str) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "invented"
    answer = client.post(path, b"a=" + b"x" * LIMITS.page_body_limit, content_type=FORM)
    assert answer.status_code == 413
    assert answer.json()["limit"] == LIMITS.page_body_limit


@pytest.mark.parametrize("length", ["-1", "1e3", "９", "", " 7", "9" * 25])
def test_a_length_that_is_none(client: Client, length: str) -> None:
    answer = client.generic("POST", "/accounts/login/", b"", CONTENT_LENGTH=length)
    assert answer.status_code in ({403, 200} if length == "" else {400, 413})


@pytest.mark.parametrize("cookie", [None, "invented"])
@pytest.mark.parametrize("path", ["/index.php/login/v2/poll", "/accounts/login/", "/admin/login/"])
def test_a_form_with_a_file_is_refused_and_nothing_is_written(path: str, cookie: str | None, temporary: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
    if cookie:
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    fields: dict[str, Any] = {"token": "x", "file": SimpleUploadedFile("a.bin", b"x" * 20_000)}
    answer = client.post(path, fields)
    assert answer.status_code == 413
    assert list(temporary.iterdir()) == []


def test_a_form_without_a_file_may_be_multipart(client: Client) -> None:
    assert client.post("/index.php/login/v2/poll", {"token": "x"}).status_code == 404


def test_doors_of_files_answer_visitors_themselves(client: Client) -> None:
    """They ask who is there before they read, and clients wait for the 401 to send their password."""
    body = b"x" * (LIMITS.page_body_limit + 1)
    for path in ("/api/v1/content/a", "/dav/a", "/remote.php/webdav/a", "/tus/"):
        answer = client.generic("POST" if path == "/tus/" else "PUT", path, body, headers={"Tus-Resumable": "1.0.0"})
        assert answer.status_code == 401, path


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/healthz", EndpointKind.WATCH),
        ("/metrics", EndpointKind.WATCH),
        ("/healthz/", EndpointKind.PAGE),
        ("/api/v1/content/a", EndpointKind.STREAM),
        ("/dav", EndpointKind.STREAM),
        ("/public.php/webdav/a", EndpointKind.STREAM),
        ("/s/token/send", EndpointKind.STREAM),
        ("/s/token/send/tus/1", EndpointKind.STREAM),
        ("/s/token", EndpointKind.PAGE),
        ("/s/token/sender", EndpointKind.PAGE),
        ("/s/token/password", EndpointKind.PAGE),
        ("/s/send", EndpointKind.PAGE),
        ("/s//send", EndpointKind.PAGE),
        ("/s/a/b/send", EndpointKind.PAGE),
        ("/apis", EndpointKind.PAGE),
        ("/", EndpointKind.PAGE),
        ("*", EndpointKind.PAGE),
        ("", EndpointKind.PAGE),
        ("/ocs/v2.php/config", EndpointKind.PAGE),
    ],
)
def test_doors(path: str, endpoint: EndpointKind) -> None:
    assert endpoint_of(path) is endpoint


def test_health_takes_no_body(client: Client) -> None:
    assert body_limit(EndpointKind.WATCH, anonymous=False, anonymous_limit=10, page_limit=20) == 0
    assert client.post("/healthz", b"x", content_type=FORM).status_code == 413
