"""The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header-07) of writes with a JSON body."""

import hashlib
import json

from django.http import HttpRequest

from accounts.actor import WRITE, Actor
from accounts.permissions import require_scope
from accounts.unit_of_work import look_again
from files.actions import idempotency
from files.actions.idempotency import Answer, Claim
from http_kit.api_view import ApiView
from http_kit.rendering import ApiResponse

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NOT_KEPT = frozenset({401, 403})  # another token of the same person may well do it
KEPT_HEADERS = ("Location", "ETag")


class FilesView(ApiView):
    """A view whose writes honour Idempotency-Key."""

    honours_idempotency_key = True

    def begin_keyed(self) -> "KeyHolder | ApiResponse | None":
        """Raises IdempotencyConflict, Busy, InvalidRequest, and what `require_right` raises for an actor who may not do
        what they ask to be told the response of.
        """
        request = self.request._request
        if request.method not in WRITES:
            return None
        fingerprint = _fingerprint(request, self.raw_body)
        found = idempotency.claim(self.actor, key=request.META["HTTP_IDEMPOTENCY_KEY"], fingerprint=fingerprint)
        if isinstance(found, Answer):
            self.require_right(look_again(self.actor))
            return _replayed(found)
        return KeyHolder(found)

    def require_right(self, actor: Actor) -> None:
        """What an actor needs to be given a response again: what its act needs at least. Raises ScopeMissing etc."""
        require_scope(actor, WRITE)


def _fingerprint(request: HttpRequest, body: bytes) -> str:
    line = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(line + hashlib.sha256(body).digest()).hexdigest()


def _replayed(kept: Answer) -> ApiResponse:
    headers = dict(kept.headers)
    return ApiResponse(
        json.loads(kept.body) if kept.body else None,
        status=kept.status,
        content_type=headers.pop("Content-Type", ""),
        headers={**headers, "Idempotency-Replayed": "true"},
    )


class KeyHolder:
    """One request that holds its key."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim

    def end(self, response: ApiResponse) -> None:
        """Keeps the response, unless it says: try again, or: not with these credentials."""
        if response.status_code >= 500 or response.status_code in NOT_KEPT or "Retry-After" in response.headers:
            idempotency.release(self._claim)
            return
        body = "" if response.data is None else json.dumps(response.data, default=str)
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        if "Content-Type" in response.headers:
            headers["Content-Type"] = response.headers["Content-Type"]
        idempotency.keep(self._claim, answer=Answer(response.status_code, headers, body))
