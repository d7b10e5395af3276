"""Trusted proxies, headers of every answer, and what requests of programs skip."""

import ipaddress

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory, override_settings

from dropbox_clone.middleware import AnswerHeadersMiddleware, PageCsrfMiddleware, TrustedProxyMiddleware
from tests.support.people import make_token, make_user


def through(middleware: type, request: HttpRequest, response: HttpResponse | StreamingHttpResponse | None = None):  # type: ignore[no-untyped-def]
    return middleware(lambda _: response or HttpResponse("body"))(request)


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("10.0.0.1", "lies, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "garbage", "10.0.0.1"),
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),
    ],
)
@override_settings(TRUSTED_PROXIES=(ipaddress.ip_network("10.0.0.0/8"),))
def test_the_client_is_the_last_address_that_is_not_ours(remote: str, forwarded: str, expected: str) -> None:
    request = RequestFactory().get(
        "/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded, HTTP_X_FORWARDED_PROTO="https"
    )
    through(TrustedProxyMiddleware, request)
    assert request.META["REMOTE_ADDR"] == expected
    assert request.is_secure() is (expected == "203.0.113.7")


@override_settings(TRUSTED_PROXIES=(ipaddress.ip_network("10.0.0.0/8"),))
def test_a_client_on_the_machine_of_the_proxy_has_a_scheme_too() -> None:
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="10.0.0.1", HTTP_X_FORWARDED_PROTO="https"
    )
    through(TrustedProxyMiddleware, request)
    assert request.META["REMOTE_ADDR"] == "10.0.0.1"
    assert request.is_secure()


def test_nobody_is_believed_by_default() -> None:
    request = RequestFactory().get(
        "/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.7", HTTP_X_FORWARDED_PROTO="https"
    )
    through(TrustedProxyMiddleware, request)
    assert request.META["REMOTE_ADDR"] == "127.0.0.1"
    assert not request.is_secure()


def test_headers_of_every_answer(client: Client) -> None:
    response = client.get("/healthz")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["Content-Length"] == "3"


def test_a_stricter_policy_of_an_endpoint_is_kept() -> None:
    own = HttpResponse("x", headers={"Content-Security-Policy": "sandbox", "Content-Length": "1"})
    response = through(AnswerHeadersMiddleware, RequestFactory().get("/"), own)
    assert response["Content-Security-Policy"] == "sandbox"


def test_only_the_admin_console_may_run_inline_scripts() -> None:
    assert (
        "unsafe-inline" in through(AnswerHeadersMiddleware, RequestFactory().get("/admin/"))["Content-Security-Policy"]
    )
    for path in ("/", "/administrator/", "/files/admin/"):
        assert "unsafe" not in through(AnswerHeadersMiddleware, RequestFactory().get(path))["Content-Security-Policy"]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_has_no_length(status: int) -> None:
    response = through(AnswerHeadersMiddleware, RequestFactory().get("/"), HttpResponse(status=status))
    assert "Content-Length" not in response


def test_a_stream_has_no_length_of_ours() -> None:
    response = through(AnswerHeadersMiddleware, RequestFactory().get("/"), StreamingHttpResponse([b"x"]))
    assert "Content-Length" not in response


@pytest.mark.parametrize(("path", "refused"), [("/somewhere", True), ("/api/v1/x", False), ("/tus/x", False)])
def test_csrf_by_middleware_is_for_pages(path: str, refused: bool) -> None:
    middleware = PageCsrfMiddleware(lambda _: HttpResponse())
    request = RequestFactory(enforce_csrf_checks=True).post(path)
    middleware.process_request(request)
    answer = middleware.process_view(request, lambda _: HttpResponse(), (), {})
    assert (answer is not None and answer.status_code == 403) is refused


def test_every_page_middleware_is_installed() -> None:
    names = [name.rpartition(".")[2] for name in settings.MIDDLEWARE]
    assert (
        names.index("SessionMiddleware")
        < names.index("AuthenticationMiddleware")
        < names.index("PageMessageMiddleware")
    )
    assert {"PageCsrfMiddleware", "PageLocaleMiddleware", "PageCommonMiddleware"} <= set(names)


def test_requests_of_programs_touch_neither_session_nor_database(client: Client) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32  # a database query would fail this test
    response = client.get("/healthz")
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/v1/account", "/api/v1/folders?path=/", "/api/v1/schema/", "/api/v1/docs/"])
def test_credentials_in_a_header_lead_to_the_same_views(client: Client, address: str) -> None:
    user = make_user()
    _, secret = make_token(user)
    direct = client.get(address, HTTP_AUTHORIZATION=f"Bearer {secret}")
    client.force_login(user, backend="accounts.backends.AuthenticationBackend")
    usual = client.get(address)
    assert direct.status_code == usual.status_code == 200
    assert direct.headers["Content-Type"] == usual.headers["Content-Type"]
    assert direct.headers["Content-Security-Policy"] == usual.headers["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "address", "status"), [
    ("GET", "/api/v1/nothing", 404), ("GET", "/api/v1/nodes/x", 404), ("PUT", "/api/v1/account", 401),
    ("GET", "/api/", 404),
])  # fmt: skip
def test_wrong_addresses_and_credentials_are_problems_there_too(
    client: Client, method: str, address: str, status: int
) -> None:
    for scheme in ("Bearer wrong", "Digest x", "Basic %%%", ""):
        answer = client.generic(method, address, HTTP_AUTHORIZATION=scheme)
        assert answer.status_code in (status, 401), (scheme, answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
