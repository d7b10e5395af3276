"""Every address of the product, found in the table of addresses: sessions without a CSRF token, tokens that are over,
strangers. An address with a new parameter must be taught here."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.actions.tokens import revoke_token
from accounts.models import AccessToken, User
from files.models import Change, Node
from files.queries.tree import locate_path
from tests.files.api.test_access import all_patterns
from tests.support.people import actor_of, make_administrator, make_token, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db

WRITES = ("POST", "PUT", "PATCH", "DELETE")
# Look at no session at all, so that there is nothing to forge.
PUBLIC = {"healthz", "readyz", "metrics", "api/v1/schema/", "api/v1/docs/", "api/v1/problems"}
VALUES = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "anypath": "x",
}


def addresses() -> list[str]:
    """One of each route; regular expressions of libraries are filled by hand."""
    found = []
    for route, _ in all_patterns(get_resolver()):
        path = re.sub(r"\(\?P<\w+>[^()]*\)", "x", route)
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda match: VALUES[match[1] or "str"], path)
        path = re.sub(r"\^|\$|\\Z|\\", "", path)
        assert not re.search(r"[(<\[]", path), f"{path}: teach this test the new parameter"
        found.append(path)
    return sorted(set(found) - PUBLIC)


def test_there_are_many() -> None:
    listed = addresses()
    assert len(listed) > 120
    for start in (
        "api/v1/content/",
        "tus/",
        "files/",
        "trash/",
        "accounts/",
        "admin/",
        "search/",
        "settings/",
        "setup/",
    ):
        assert any(path.startswith(start) for path in listed), start


@pytest.fixture
def admin() -> User:
    user = make_administrator(email="root@example.com")
    put(actor_of(user), "a/b.txt")
    return user


FOR_STRANGERS = (
    *(
        "status.php",
        "index.php/204",
        "index.php/core/",
        "index.php/avatar/",
        "index.php/apps/",
        "remote.php/dav/avatars/",
        "public.php/dav/files/",  # by the token of a link in it
    ),
    *("ocs/v1.php/cloud/capabilities", "ocs/v2.php/cloud/capabilities", "ocs/v1.php/config", "ocs/v2.php/config"),
)
# No session counts, and nothing can be written.
BY_HEADER_ALONE = ("remote.php", "remote.php/", "public.php/webdav", "public.php/webdav/x")
LOGIN_OF_CLIENTS = ("index.php/login/v2", "index.php/login/v2/poll")
ONE_CLICK = "notifications/unsubscribe/"  # mail programs ask it without a session: its link says whose mails end


@pytest.mark.parametrize("origin", [{"Origin": "https://evil.example"}, {}])
def test_no_write_goes_by_the_cookie_alone(origin: dict[str, str], admin: User) -> None:
    """What a page of somebody else's can make a browser send: the cookie, and any form. Also with the tus version."""
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(admin)
    before = Change.objects.count(), Node.objects.count(), AccessToken.objects.count()
    asked = 0
    for path in addresses():
        for method in WRITES:
            answer = browser.generic(
                method,
                f"/{path}",
                b"name=x&node=1",
                content_type="application/x-www-form-urlencoded",
                headers={"Tus-Resumable": "1.0.0", "Upload-Length": "0", **origin},
            )
            if path.startswith((*FOR_STRANGERS, ONE_CLICK)) or path in LOGIN_OF_CLIENTS:
                continue  # who is signed in counts for nothing there
            if path in BY_HEADER_ALONE:
                assert answer.status_code in {401, 405}, (method, path, answer.status_code)
                continue
            if path.startswith("ocs/v1.php/"):  # says the outcome inside
                assert b"<status>failure</status>" in answer.content, (method, path)
                continue
            refused = {403, 404} if path.startswith(("static/", "admin/jsi18n")) else {403}
            if path.startswith("s/"):  # pages of links tell by the origin, once the method is one of theirs
                refused = {403, 405}
            assert answer.status_code in refused, (method, path, answer.status_code)
            asked += 1
    assert asked > 400
    assert (Change.objects.count(), Node.objects.count(), AccessToken.objects.count()) == before


@pytest.mark.parametrize("kind", ["expired", "revoked", "of_nobody", "of_a_stopped_account"])
def test_a_token_that_is_over_opens_nothing(kind: str, admin: User) -> None:
    """Not even where the browser's own session would: who shows a token is who it says."""
    owner = make_user("ada@example.com")
    token, secret = make_token(owner)
    if kind == "expired":
        AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif kind == "revoked":
        revoke_token(actor_of(owner), token_id=token.pk)
    elif kind == "of_nobody":
        secret = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    else:
        User.objects.filter(pk=owner.pk).update(is_active=False)
    browser = Client(raise_request_exception=False)
    browser.force_login(admin)
    headers = {"Authorization": f"Bearer {secret}", "Tus-Resumable": "1.0.0", "Upload-Length": "0"}
    asked = 0
    for path in addresses():
        if not path.startswith(("api/", "tus/")):
            continue
        for method in ("GET", "HEAD", *WRITES):
            answer = browser.generic(method, f"/{path}", b"{}", content_type="application/json", headers=headers)
            assert answer.status_code == 401, (method, path, answer.status_code)
            asked += 1
    assert asked > 250


@pytest.mark.parametrize("person", ["nobody", "stranger"])
def test_pages_of_the_console_are_for_administrators(person: str, admin: User) -> None:
    visitor = Client(raise_request_exception=False)
    if person == "stranger":
        visitor.force_login(make_user("eve@example.com"))
    for path in addresses():
        if path.startswith("admin/") and path not in ("admin/login/", "admin/logout/", "admin/jsi18n/"):
            answer = visitor.get(f"/{path}")
            assert answer.status_code in (302, 403, 404), (path, answer.status_code)
            assert b"root@example.com" not in answer.content


def test_session_fixation(admin: User) -> None:
    """A session that somebody planted before the sign-in is not the one after it."""
    planted = Client()
    planted.get("/accounts/login/")
    session = planted.session
    session["planted"] = "yes"
    session.save()
    key = session.session_key
    victim = Client()
    victim.cookies[_session_cookie()] = key or ""
    from tests.support.people import PASSWORD

    answer = victim.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert victim.cookies[_session_cookie()].value != key
    thief = Client()
    thief.cookies[_session_cookie()] = key or ""
    assert thief.get("/", follow=False).status_code == 302


def _session_cookie() -> str:
    from django.conf import settings

    return str(settings.SESSION_COOKIE_NAME)


ACTIVE = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(document.cookie)</script></svg>"


@pytest.mark.parametrize(
    "name", ["page.html", "picture.svg", "page.xhtml", 'x\r\nX-Evil: 1"; filename="a.html', "evil"]
)
def test_every_way_to_the_bytes_of_something_active(name: str, admin: User) -> None:
    """Content, versions, web pages, ranges, inline, zip: always to be saved, never ours to run."""
    written = put(actor_of(admin), name, ACTIVE)
    node, version = written.node.pk, written.version.pk
    space = locate_path(actor_of(admin), "/").space.pk
    browser = Client(raise_request_exception=False)
    browser.force_login(admin)
    ways: list[tuple[str, dict[str, Any]]] = [
        (f"/files/{node}/download", {}),
        (f"/files/{node}/versions/{version}/download", {}),
        (f"/api/v1/nodes/{node}/content", {}),
        (f"/api/v1/nodes/{node}/content?inline=1", {}),
        (f"/api/v1/nodes/{node}/content?version={version}&inline=1", {}),
        (f"/api/v1/nodes/{node}/versions/{version}/content?inline=1", {}),
        (f"/api/v1/nodes/{node}/content?inline=1", {"Range": "bytes=0-9"}),
        (f"/api/v1/nodes/{node}/content?inline=1", {"Range": "bytes=0-9,20-29"}),
        (f"/api/v1/zip?ids={node}", {}),
        (f"/api/v1/zip?ids={node}&name=page.html", {}),
        (f"/api/v1/zip?paths=/&space={space}&name=%0d%0aX-Evil:%201%22.svg", {}),
    ]
    for way, headers in ways:
        for method in ("GET", "HEAD"):
            if method == "HEAD" and way.startswith("/api/v1/zip"):
                continue
            answer = browser.generic(method, way, headers=headers)
            assert answer.status_code in (200, 206), (method, way, answer.status_code)
            shown = answer.headers
            assert shown["Content-Disposition"].startswith("attachment; filename="), way
            assert shown["Content-Disposition"].isprintable(), way
            kind = shown["Content-Type"].partition(";")[0]
            assert kind in ("application/octet-stream", "application/zip", "multipart/byteranges"), way
            assert shown["X-Content-Type-Options"] == "nosniff", way
            assert shown["Content-Security-Policy"].startswith("sandbox; default-src 'none'"), way
            assert "X-Evil" not in shown, way
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            assert b"text/html" not in body
            assert b"image/svg" not in body
    tus = browser.get(f"/tus/{node}", headers={"Tus-Resumable": "1.0.0"})
    assert tus.status_code == 405
