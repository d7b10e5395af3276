"""accounts.request_actor: from a request to an Actor."""

import base64
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from accounts.errors import CsrfFailed, InvalidCredentials, NotAuthenticated
from accounts.models import User
from accounts.request_actor import address_of, authenticate_request
from tests.support.people import make_token, make_user

pytestmark = pytest.mark.django_db


def request_with(method: str = "GET", authorization: str | None = None, **meta: Any) -> HttpRequest:
    if authorization is not None:
        meta["HTTP_AUTHORIZATION"] = authorization
    return RequestFactory().generic(method, "/api/v1/anything", **meta)


def basic(username: str, password: str, encoding: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode(encoding)).decode()


def signed_in(user: User, method: str, settings: Any, **meta: Any) -> HttpRequest:
    """As the session and authentication middleware leave a request."""
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "accounts.backends.AuthenticationBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    settings.AUTHENTICATION_BACKENDS = ["accounts.backends.AuthenticationBackend"]
    request = request_with(method, **meta)
    request.COOKIES[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    request.session = SessionStore(session.session_key)
    request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]
    return request


def test_bearer_and_basic_and_client() -> None:
    user = make_user()
    _token, secret = make_token(user)
    for authorization in (f"Bearer {secret}", f"bearer  {secret}", basic(user.email, secret)):
        actor = authenticate_request(request_with(authorization=authorization, HTTP_USER_AGENT="rclone/1.60"))
        assert (actor.user_id, actor.client, actor.address) == (user.pk, "rclone/1.60", "127.0.0.1")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_basic_password_beyond_ascii(encoding: str) -> None:
    user = make_user(password="schönes langes Passwort")
    authorization = basic(user.email, "schönes langes Passwort", encoding)
    assert authenticate_request(request_with(authorization=authorization)).user_id == user.pk


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer x",
        "Bearer dbx_" + "a" * 40,
        "Basic",
        "Basic %%%",
        "Basic YWJj",
        "Digest username=a",
    ],
)
def test_a_bad_header_is_refused_even_with_a_good_session(authorization: str, settings: Any) -> None:
    request = signed_in(make_user(), "GET", settings, HTTP_AUTHORIZATION=authorization)
    with pytest.raises(InvalidCredentials):
        authenticate_request(request)


def test_without_a_cookie_no_session_is_looked_for(django_assert_num_queries: Any) -> None:
    request = request_with()
    with django_assert_num_queries(0), pytest.raises(NotAuthenticated):
        authenticate_request(request)


def test_a_session_costs_two_queries(settings: Any, django_assert_num_queries: Any) -> None:
    user = make_user()
    request = signed_in(user, "GET", settings)
    with django_assert_num_queries(2):
        actor = authenticate_request(request)
    assert (actor.user_id, actor.team_id) == (user.pk, user.membership.team_id)
    assert actor.may("admin")


def test_a_session_ends_with_its_epoch(settings: Any) -> None:
    user = make_user()
    request = signed_in(user, "GET", settings)
    User.objects.filter(pk=user.pk).update(session_epoch=1)
    with pytest.raises(NotAuthenticated):
        authenticate_request(request)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "MKCOL", "MOVE"])
def test_an_unsafe_method_with_a_session_needs_the_csrf_header(method: str, settings: Any) -> None:
    user = make_user()
    with pytest.raises(CsrfFailed):
        authenticate_request(signed_in(user, method, settings))
    token = get_token(request_with())
    request = signed_in(user, method, settings, HTTP_X_CSRFTOKEN=token)
    request.COOKIES[settings.CSRF_COOKIE_NAME] = token
    assert authenticate_request(request).user_id == user.pk
    foreign = signed_in(user, method, settings, HTTP_X_CSRFTOKEN=token, HTTP_ORIGIN="https://evil.example")
    foreign.COOKIES[settings.CSRF_COOKIE_NAME] = token
    with pytest.raises(CsrfFailed):
        authenticate_request(foreign)


def test_the_csrf_check_does_not_read_the_body(settings: Any) -> None:
    user = make_user()
    request = signed_in(user, "POST", settings, CONTENT_TYPE="multipart/form-data; boundary=x")
    request.COOKIES[settings.CSRF_COOKIE_NAME] = get_token(request_with())
    with pytest.raises(CsrfFailed):
        authenticate_request(request)
    assert not hasattr(request, "_post")
    assert not vars(request)["_read_started"]


def test_a_token_needs_no_csrf() -> None:
    _token, secret = make_token(make_user())
    assert authenticate_request(request_with("DELETE", f"Bearer {secret}")).token_id


@pytest.mark.parametrize(("remote", "address"), [("::ffff:192.0.2.3", "192.0.2.3"), ("", None), ("unix:", None)])
def test_address(remote: str, address: str | None) -> None:
    assert address_of(request_with(REMOTE_ADDR=remote)) == address
