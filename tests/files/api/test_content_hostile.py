"""What people who mean harm try at the content endpoint."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.tokens import revoke_token
from accounts.models import AccessToken, User
from files.models import Blob, Content, Node
from storage.base import Storage, StorageError
from tests.support.clients import ContentClient, body_of
from tests.support.people import PASSWORD, actor_of, make_member, make_token, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "..",
        ".",
        "a/../b",
        "a/./b",
        "%2e%2e/etc/passwd",
        "a%2f..%2fb",
        "a%00b",
        "x" * 256,
        "%C3%BC" * 256,
        "/".join(["d"] * 101),
        "a/" + "..%2f" * 20 + "etc",
    ],
)
def test_path_tricks(client: ContentClient, path: str) -> None:
    for method in ("PUT", "GET", "HEAD", "DELETE"):
        answer = client.request(method, path, b"x" if method == "PUT" else b"")
        assert answer.status_code == 400, (method, path)
    assert not Node.objects.filter(parent__isnull=False).exists()


@pytest.mark.parametrize("path", ["%ff.txt", "a/%C3%28/b"])
def test_what_is_not_utf8_is_no_name(client: ContentClient, path: str) -> None:
    for method in ("PUT", "GET", "DELETE"):
        answer = client.request(method, path, b"x", environ={"RAW_URI": f"/api/v1/content/{path}?a=%ff"})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_name"), method
    assert not Node.objects.filter(parent__isnull=False).exists()


def test_a_name_may_look_like_an_escape(client: ContentClient) -> None:
    for name in ("%FF.txt", "100%.txt", "a%20b"):
        assert client.put(quote(name), b"x").json()["name"] == name
        assert body_of(client.get(quote(name))) == b"x"


def test_absolute_and_doubled_slashes_stay_in_the_space(client: ContentClient) -> None:
    for path in ("%2Fetc//passwd", "%2F%2Fetc/passwd/", "etc/passwd"):
        assert client.put(path, b"x").status_code in (200, 201)
    assert Node.objects.filter(kind=1).count() == 1


def test_normal_forms_are_one_name(client: ContentClient) -> None:
    composed, decomposed, capital = "\u00e9.txt", "e\u0301.txt", "\u00c9.TXT"
    ids = [client.put(quote(name), name.encode()).json()["id"] for name in (composed, decomposed, capital)]
    assert ids[0] == ids[1] != ids[2]
    assert body_of(client.get(quote(composed))) == decomposed.encode()
    assert client.get(quote(decomposed)).headers["Content-Disposition"].endswith("UTF-8''%C3%A9.txt")


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="evil.exe',
        "a\r\nX-Evil: 1",
        "a\nSet-Cookie: x=1\n\n<script>",
        "a;b=c",
        "a\\b",
        "a%22b%0d%0a",
        "\u0085\u2028x",
        "x\x7f\x1b[31m",
    ],
)
def test_names_cannot_reach_into_headers(client: ContentClient, name: str) -> None:
    answer = client.put(quote(name, safe=""), b"x")
    assert answer.status_code == 201
    got = client.get(quote(name, safe=""))
    header = got.headers["Content-Disposition"]
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('attachment; filename="')
    plain = header.removeprefix('attachment; filename="').partition('"')[0]
    assert not set(plain) & set('"\\%;\r\n') - {";"}
    rest = header.removeprefix(f'attachment; filename="{plain}"')
    assert rest == "" or rest == f"; filename*=UTF-8''{quote(name, safe=chr(33) + '#$&+-.^_`|~')}"
    assert "X-Evil" not in got.headers
    assert not got.cookies


ACTIVE = ["page.html", "page.htm", "page.xhtml", "x.svg", "x.SVG", "feed.xml", "x.xsl", "x.js.html", "a.mht", "x.swf"]


@pytest.mark.parametrize("name", ACTIVE)
@pytest.mark.parametrize("query", ["", "?inline=1"])
def test_what_a_browser_runs_is_never_shown(client: ContentClient, name: str, query: str) -> None:
    client.put(name, b"<script>alert(document.cookie)</script>")
    got = client.get(name + query)
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.py", "text/plain; charset=utf-8"),
        ("a.css", "text/plain; charset=utf-8"),
        ("a.js", None),
        ("a.json", "text/plain; charset=utf-8"),
        ("a.pdf", "application/pdf"),
        ("a.mp4", "video/mp4"),
        ("a.mp3", "audio/mpeg"),
        ("a.zip", None),
        ("a", None),
        ("html", None),
        (".html", None),
    ],
)
def test_what_may_be_shown_when_asked_for(client: ContentClient, name: str, content_type: str | None) -> None:
    client.put(name, b"x")
    got = client.get(f"{name}?inline=1")
    if content_type is None:
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert got.headers["Content-Type"] not in ("text/html", "text/javascript", "image/svg+xml")
    else:
        assert got.headers["Content-Disposition"].startswith("inline")
        assert got.headers["Content-Type"] == content_type
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]
    assert client.get(name).headers["Content-Disposition"].startswith("attachment")


def test_others_ids_and_spaces_do_not_exist(user: User) -> None:
    node = put(actor_of(user), "secret.txt", b"secret").node
    eve = ContentClient(make_user("eve@example.com"))
    colleague = ContentClient(make_member(user))
    for other in (eve, colleague):
        for path in (
            f"/api/v1/nodes/{node.pk}/content",
            f"/api/v1/nodes/{node.pk}/versions/{node.version_id}/content",
            f"secret.txt?space={node.space_id}",
            "secret.txt",
        ):
            for method in ("GET", "HEAD", "PUT", "DELETE"):
                if method == "PUT" and path == "secret.txt":
                    continue
                answer = other.request(method, path, b"x" if method == "PUT" else b"")
                assert answer.status_code in (404, 405), (method, path)
                assert b"secret" not in body_of(answer)
        own = other.put("own.txt", b"x").json()
        crossed = other.get(f"/api/v1/nodes/{own['id']}/content?version={node.version_id}")
        assert crossed.status_code == 404
    assert body_of(ContentClient(user).get("secret.txt")) == b"secret"


@pytest.mark.parametrize("node_id", ["0", "9" * 18, "9" * 30, "-1", "1e3", "%31%00"])
def test_ids_that_are_none(client: ContentClient, node_id: str) -> None:
    assert client.get(f"/api/v1/nodes/{node_id}/content").status_code == 404
    assert client.put(f"/api/v1/nodes/{node_id}/content", b"x").status_code == 404


def test_the_same_bytes_elsewhere_prove_nothing(user: User) -> None:
    """Announcing somebody's hash without the bytes gives nothing."""
    content = put(actor_of(user), "secret.txt", b"secret").node.version.content
    eve = ContentClient(make_user("eve@example.com"))
    assert eve.put("stolen.txt", b"", x_content_hash=content.content_hash).status_code == 400
    assert eve.put("stolen.txt", b"guess!", x_content_hash=content.content_hash).status_code == 400
    assert eve.get("stolen.txt").status_code == 404


def test_narrow_tokens(user: User) -> None:
    put(actor_of(user), "a.txt", b"x")
    reading, writing, neither = (ContentClient(user, scope) for scope in ("read", "write", "share"))
    assert reading.get("a.txt").status_code == 200
    for answer in (reading.put("a.txt", b"y"), reading.delete("a.txt"), writing.get("a.txt"), neither.get("a.txt")):
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert neither.put("b.txt", b"y").status_code == 403


def test_expired_revoked_wrong_and_missing_credentials(user: User) -> None:
    put(actor_of(user), "a.txt", b"x")
    token, secret = make_token(user)
    client = ContentClient(token=secret)
    assert client.get("a.txt").status_code == 200
    AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    expired = client.get("a.txt")
    assert (expired.status_code, expired.json()["code"]) == (401, "invalid_credentials")
    assert "WWW-Authenticate" in expired.headers
    AccessToken.objects.filter(pk=token.pk).update(expires_at=None)
    revoke_token(actor_of(user), token_id=token.pk)
    assert client.put("a.txt", b"y").status_code == 401
    for header in ("", "Bearer", "Bearer x", "Basic !!!", "Digest abc", "Bearer " + "dbx_" + "0" * 40):
        answer = Client().get("/api/v1/content/a.txt", headers={"Authorization": header} if header else {})
        assert answer.status_code == 401, header


def test_a_session_needs_the_csrf_token_to_write(user: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user, backend="accounts.backends.AuthenticationBackend")
    put(actor_of(user), "a.txt", b"x")
    assert browser.get("/api/v1/content/a.txt").status_code == 200
    for method in ("PUT", "DELETE"):
        answer = browser.generic(method, "/api/v1/content/a.txt", b"evil", content_type="text/plain")
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    tus = browser.generic("POST", "/tus/", b"", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "0"})
    assert tus.status_code == 403
    assert body_of(ContentClient(user).get("a.txt")) == b"x"


def test_the_password_works_by_basic(user: User) -> None:
    import base64

    put(actor_of(user), "a.txt", b"x")
    basic = base64.b64encode(f"{user.email}:{PASSWORD}".encode()).decode()
    assert Client().get("/api/v1/content/a.txt", headers={"Authorization": f"Basic {basic}"}).status_code == 200


@pytest.mark.parametrize("size", [10, 3_000_000])
@pytest.mark.parametrize(("code", "answered"), [("no_space", "storage_full"), ("unavailable", "storage_unavailable")])
def test_a_full_or_silent_storage(
    client: ContentClient, monkeypatch: pytest.MonkeyPatch, size: int, code: Any, answered: str
) -> None:
    def refuse(storage: Storage, key: str, chunks: Any, *, size: int | None = None) -> int:
        for _ in chunks:
            break
        raise StorageError(code, key)

    monkeypatch.setattr(Storage, "put", refuse)
    answer = client.put("a.bin", b"x" * size)
    assert (answer.status_code, answer.json()["code"]) == (507 if code == "no_space" else 503, answered)
    monkeypatch.undo()
    assert client.get("a.bin").status_code == 404
    assert not Blob.objects.exists()
    assert not Content.objects.filter(size=size).exists()
    assert client.put("a.bin", b"x" * size).status_code == 201


def test_a_lost_object_is_said_to_be_lost(client: ContentClient) -> None:
    from files.blobs.pools import storage_of

    client.put("a.bin", b"x" * 10)
    blob = Blob.objects.select_related("pool").get()
    storage_of(blob.pool).delete(blob.key)
    answer = client.get("a.bin")
    assert (answer.status_code, answer.json()["code"]) == (500, "content_damaged")
    assert blob.key not in answer.content.decode()


def test_nothing_of_the_inside_is_shown(client: ContentClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("/srv/secret/path")

    monkeypatch.setattr("files.api.content.write_file", fail)
    answer = client.put("a.txt", b"x")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.content.decode()


def test_lengths_that_are_none() -> None:
    client = ContentClient(make_user("odd@example.com"))
    for length, status in [("5 5", 400), ("-1", 400), ("+5", 400), ("1" * 30, 413), ("\u0665", 400), ("0x5", 400)]:
        answer = client.request("PUT", "a.bin", b"", environ={"CONTENT_LENGTH": length})
        assert answer.status_code == status, length
