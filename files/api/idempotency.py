"""The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header-07) of writes with a JSON body."""

import hashlib
import json
from collections.abc import Callable
from typing import Self

from django.http import HttpRequest

from accounts.actor import Actor
from accounts.unit_of_work import look_again
from files.actions import idempotency
from files.actions.idempotency import Answer, Claim
from files.api.rendering import ApiResponse

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NOT_KEPT = frozenset({401, 403})  # another token of the same person may well do it
KEPT_HEADERS = ("Location", "ETag")


class Idempotency:
    """One request that holds its key."""

    class Replay(Exception):
        """The answer is known."""

        def __init__(self, answer: Answer) -> None:
            super().__init__(answer.status)
            headers = dict(answer.headers)
            self.response = ApiResponse(
                json.loads(answer.body) if answer.body else None,
                status=answer.status,
                content_type=headers.pop("Content-Type", ""),
                headers={**headers, "Idempotency-Replayed": "true"},
            )

    def __init__(self, claim: Claim) -> None:
        self._claim = claim

    @classmethod
    def begin(cls, actor: Actor, request: HttpRequest, body: bytes, *, require: Callable[[Actor], None]) -> Self | None:
        """None for a method that changes nothing. Raises Replay, IdempotencyConflict, Busy, InvalidRequest, and what
        `require` raises for an actor who may not do what they ask to be told the answer of.
        """
        if request.method not in WRITES:
            return None
        line = f"{request.method} {request.get_full_path()}\n".encode()
        fingerprint = hashlib.sha256(line + hashlib.sha256(body).digest()).hexdigest()
        found = idempotency.claim(actor, key=request.META["HTTP_IDEMPOTENCY_KEY"], fingerprint=fingerprint)
        if isinstance(found, Answer):
            require(look_again(actor))
            raise cls.Replay(found)
        return cls(found)

    def end(self, response: ApiResponse) -> None:
        """Keeps the answer, unless it is one that says: try again, or: not with these credentials."""
        if response.status_code >= 500 or response.status_code in NOT_KEPT or "Retry-After" in response.headers:
            idempotency.release(self._claim)
            return
        body = "" if response.data is None else json.dumps(response.data, default=str)
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        if "Content-Type" in response.headers:
            headers["Content-Type"] = response.headers["Content-Type"]
        idempotency.keep(self._claim, answer=Answer(response.status_code, headers, body))
