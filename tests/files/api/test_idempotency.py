"""The Idempotency-Key header."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import Membership, Role, User
from files.actions import idempotency
from files.api.views import folders
from files.errors import StorageUnavailable
from files.models import IdempotencyKey
from tests.support.clients import Api, items, problem
from tests.support.trees import put

pytestmark = pytest.mark.django_db
BODY = {"path": "/a", "autorename": True}


def test_the_same_request_runs_once(api: Api) -> None:
    first = api.post("/folders", BODY, Idempotency_Key="k1")
    second = api.post("/folders", BODY, Idempotency_Key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert (second["ETag"], second["Location"]) == (first["ETag"], first["Location"])
    assert len(items(api.get("/folders"))) == 1
    assert api.post("/folders", BODY, Idempotency_Key="k2").json()["name"] == "a (2)"


def test_another_request_under_the_key_is_refused(api: Api, actor: Actor) -> None:
    node = put(actor, "x.txt").node
    api.post("/folders", BODY, Idempotency_Key="k")
    for response in (
        api.post("/folders", {"path": "/b"}, Idempotency_Key="k"),
        api.post("/trash", BODY, Idempotency_Key="k"),
        api.delete(f"/nodes/{node.pk}", Idempotency_Key="k"),
    ):
        assert problem(response) == (422, "idempotency_conflict")


def test_a_refusal_is_an_answer_too(api: Api) -> None:
    body = {"path": "/a"}
    api.post("/folders", body)
    first = api.post("/folders", body, Idempotency_Key="k")
    api.post("/trash", {"paths": ["/a"]})
    second = api.post("/folders", body, Idempotency_Key="k")
    assert problem(first) == problem(second) == (409, "name_taken")


def test_an_empty_answer(api: Api, actor: Actor) -> None:
    node = put(actor, "a.txt", b"one").node
    old = node.version_id
    put(actor, "a.txt", b"two")
    for _ in range(2):
        response = api.delete(f"/nodes/{node.pk}/versions/{old}", Idempotency_Key="k")
        assert (response.status_code, response.content) == (204, b"")


def test_keys_are_a_persons_own(api: Api, stranger: User) -> None:
    api.post("/folders", BODY, Idempotency_Key="k")
    other = Api(stranger).post("/folders", BODY, Idempotency_Key="k")
    assert other.status_code == 201
    assert "Idempotency-Replayed" not in other


@pytest.mark.parametrize(
    ("error", "expected"),
    [(StorageUnavailable(), (503, "storage_unavailable")), (RuntimeError(), (500, "internal_error"))],
)
def test_a_failure_may_be_tried_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: tuple[int, str]
) -> None:
    def failing(*args: Any, **kwargs: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(folders, "create_folder", failing)
        assert problem(api.post("/folders", BODY, Idempotency_Key="k")) == expected
    assert not IdempotencyKey.objects.exists()
    assert api.post("/folders", BODY, Idempotency_Key="k").status_code == 201


def test_while_the_first_runs_the_second_waits(api: Api, user: User) -> None:
    api.post("/folders", BODY, Idempotency_Key="k")
    IdempotencyKey.objects.update(status=None, body="")
    response = api.post("/folders", BODY, Idempotency_Key="k")
    assert problem(response) == (409, "busy")
    assert int(response["Retry-After"]) > 0
    IdempotencyKey.objects.update(created_at=idempotency.now() - idempotency.STALE - timedelta(seconds=1))
    assert api.post("/folders", BODY, Idempotency_Key="k").status_code == 201


def test_after_a_day_the_key_is_free(api: Api) -> None:
    api.post("/folders", BODY, Idempotency_Key="k")
    IdempotencyKey.objects.update(created_at=idempotency.now() - idempotency.KEPT - timedelta(seconds=1))
    assert idempotency.forget_expired() == 1
    assert "Idempotency-Replayed" not in api.post("/folders", BODY, Idempotency_Key="k")


@pytest.mark.parametrize("key", ["", "x" * 256, "ü", "a\tb"])
def test_keys_that_are_none(api: Api, key: str) -> None:
    assert problem(api.post("/folders", BODY, Idempotency_Key=key)) == (400, "invalid_request")


def test_reading_needs_no_key(api: Api) -> None:
    assert api.get("/folders").status_code == 200
    response = api.request("GET", "/folders", None, Idempotency_Key="k")
    assert response.status_code == 200
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("scopes", [{"read"}, {"share"}, {"read", "share", "admin"}])
def test_a_narrower_token_is_not_told_the_answer(api: Api, user: User, scopes: set[str]) -> None:
    assert api.post("/folders", BODY, Idempotency_Key="k").status_code == 201
    narrow = Api(user, *scopes)
    assert problem(narrow.post("/folders", BODY, Idempotency_Key="k")) == (403, "scope_missing")
    assert api.post("/folders", BODY, Idempotency_Key="k")["Idempotency-Replayed"] == "true"


def test_a_lower_role_is_not_told_the_answer(api: Api, user: User) -> None:
    body = {"name": "Shared"}
    assert api.post("/spaces", body, Idempotency_Key="k").status_code == 201
    Membership.objects.filter(user=user).update(role=Role.MEMBER)
    assert problem(api.post("/spaces", body, Idempotency_Key="k")) == (403, "forbidden")


def test_a_refusal_of_a_narrow_token_does_not_stay(api: Api, user: User) -> None:
    narrow = Api(user, "read")
    assert problem(narrow.post("/folders", BODY, Idempotency_Key="k")) == (403, "scope_missing")
    assert api.post("/folders", BODY, Idempotency_Key="k").status_code == 201
