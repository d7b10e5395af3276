"""The table of the endpoint is complete, and what it answers is what RFC 4918 says."""

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from accounts import errors as account_errors
from files import errors as file_errors
from http_kit.problem_table import TABLE as OF_REST
from protocols.dav import errors
from sharing import errors as sharing_errors


def codes(module: object) -> set[str]:
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    return {kind.code for kind in kinds if hasattr(kind, "code")}


def test_every_code_has_a_status() -> None:
    of_apps = codes(file_errors) | codes(account_errors) | codes(sharing_errors)
    assert not (of_apps | codes(errors) | set(OF_REST)) - set(errors.TABLE)
    assert not [kind for kind in vars(errors).values() if hasattr(kind, "status")], "an error knows no HTTP"


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (account_errors.QuotaExceeded(), 507, "<d:quota-not-exceeded/>"),
        (file_errors.StorageFull(), 507, "<d:sufficient-disk-space/>"),
        (file_errors.ParentNotFound(), 409, "Exception\\Conflict"),
        (file_errors.Busy(), 503, "ServiceUnavailable"),
        (errors.FiniteDepth(), 403, "<d:propfind-finite-depth/>"),
        (errors.BadGateway(), 502, "another server"),
        (OperationalError(), 503, "ServiceUnavailable"),
        (file_errors.NotFound("<&>"), 404, "&lt;&amp;&gt;"),
    ],
)
def test_answers(error: Exception, status: int, words: str) -> None:
    answer = errors.answer(error, RequestFactory().get("/dav/"))
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_fault_of_ours_tells_nothing() -> None:
    answer = errors.answer(RuntimeError("secret"), RequestFactory().get("/dav/"))
    assert answer.status_code == 500
    assert b"secret" not in answer.content


def test_waiting_is_said() -> None:
    answer = errors.answer(file_errors.Busy(), RequestFactory().get("/dav/"))
    assert answer.headers["Retry-After"] == "1"
