"""Every error of every catalogue has an answer, and every answer of the API is a problem."""

import inspect
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError

from accounts import errors as account_errors
from accounts.errors import QuotaExceeded, TooManyAttempts
from common import errors as common_errors
from common.errors import CodedError
from files import errors as file_errors
from files.api.views import nodes
from files.errors import NameTaken, UploadIncomplete
from http_kit import errors as http_errors
from http_kit.errors import BodyBroken
from http_kit.problem_table import RETRY_AFTER, TABLE
from http_kit.problems import describe
from sharing import errors as sharing_errors
from storage.base import StorageError
from tests.support.clients import Api, problem


def codes(*modules: Any) -> list[str]:
    found = [kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass)]
    return sorted({kind.code for kind in found if issubclass(kind, CodedError)})


@pytest.mark.parametrize("code", codes(common_errors, http_errors, account_errors, file_errors, sharing_errors))
def test_every_code_is_in_the_table(code: str) -> None:
    status, title = TABLE[code]
    assert 400 <= status < 600
    assert title


def test_what_can_be_tried_again_says_when() -> None:
    again = {code for code, (status, _) in TABLE.items() if status == 503}
    assert again <= set(RETRY_AFTER)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (StorageError("unavailable"), 503, "storage_unavailable"),
        (StorageError("no_space"), 507, "storage_full"),
        (OperationalError("database is locked"), 503, "unavailable"),
        (SuspiciousOperation("x"), 400, "invalid_request"),
        (RequestDataTooBig("x"), 413, "too_large"),
        (BodyBroken(), 400, "length_mismatch"),
        (QuotaExceeded(needed=5, free=1, whose="account"), 507, "quota_exceeded"),
    ],
)
def test_other_errors(error: Exception, status: int, code: str) -> None:
    found = describe(error)
    assert found is not None
    assert (found.status, found.code) == (status, code)
    if status == 503:
        assert int(found.headers["Retry-After"]) > 0


def test_a_full_disk_of_the_database_is_not_tried_again() -> None:
    import sqlite3

    sqlite, postgresql = sqlite3.OperationalError(), Exception()
    sqlite.sqlite_errorcode = sqlite3.SQLITE_FULL
    postgresql.pgcode = "53100"  # type: ignore[attr-defined]
    for cause in (sqlite, postgresql):
        error = OperationalError("full")
        error.__cause__ = cause
        found = describe(error)
        assert found is not None
        assert (found.status, found.code, found.headers) == (507, "storage_full", {})


def test_detail_becomes_members_and_ids_become_strings() -> None:
    taken = describe(NameTaken(path="/a", id=7))
    assert taken is not None
    assert (taken.body["path"], taken.body["id"], taken.body["status"]) == ("/a", "7", 409)
    missing = describe(UploadIncomplete(missing=[[0, 5]]))
    assert missing is not None
    assert missing.body["missing"] == [[0, 5]]


def test_detail_never_hides_a_standard_member() -> None:
    found = describe(NameTaken(status=200, code="fine", title="x"))
    assert found is not None
    assert (found.body["status"], found.body["code"]) == (409, "name_taken")


def test_slowed_sign_ins_say_when() -> None:
    found = describe(TooManyAttempts(retry_after=17))
    assert found is not None
    assert found.headers == {"Retry-After": "17"}


@pytest.mark.django_db
def test_unknown_address(api: Api) -> None:
    for path in ("/nothing", "/", "", "x", "/nodes/abc", f"/nodes/{'9' * 5000}"):
        assert problem(api.get(path)) == (404, "not_found")
    assert problem(api.post("/nothing", {})) == (404, "not_found")


@pytest.mark.django_db
def test_wrong_method(api: Api) -> None:
    response = api.put("/metadata", {})
    assert problem(response) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.django_db
def test_wrong_media_type(api: Api) -> None:
    response = api.post("/folders", b"path=/a", Content_Type="application/x-www-form-urlencoded")
    assert problem(response) == (415, "unsupported_media_type")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[",
        b"nothing",
        b'{"path": NaN}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"x": ' + b"9" * 6000 + b"}",
        b"[]",
        b'"a"',
        b"7",
    ],
)
def test_invalid_json(api: Api, body: bytes) -> None:
    assert problem(api.post("/folders", body)) == (400, "invalid_request")


@pytest.mark.django_db
def test_a_body_that_is_too_large(api: Api) -> None:
    body = b'{"path": "/a", "x": "' + b"x" * 1024 * 1024 + b'"}'
    assert problem(api.post("/folders", body)) == (413, "too_large")


@pytest.mark.django_db
def test_a_fault_of_ours_shows_no_trace(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(nodes.tree, "locate", broken)
    response = api.get("/nodes/1")
    assert problem(response) == (500, "internal_error")
    assert b"secret" not in response.content
    assert b"Traceback" not in response.content
    assert response.json()["request_id"] in caplog.text


@pytest.mark.django_db
def test_the_table_is_public() -> None:
    listed = {item["code"]: item["status"] for item in Api().get("/problems").json()["items"]}
    assert listed == {code: int(status) for code, (status, _) in TABLE.items()}


@pytest.mark.django_db
def test_accounts_answer_alike(api: Api) -> None:
    assert problem(api.post("/tokens", b"{")) == (400, "invalid_request")
    assert problem(api.post("/tokens", b" " * (1024 * 1024 + 1))) == (413, "too_large")
    assert api.get("/account")["Cache-Control"] == "private, no-store"
