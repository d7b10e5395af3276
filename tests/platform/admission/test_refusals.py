"""The gate answers without the application, and says what the REST endpoint would."""

import json

import pytest

from dropbox_clone.admission.refusals import EVERY, Refusal
from http_kit.problem_table import RETRY_AFTER, TABLE


@pytest.mark.parametrize("refusal", EVERY, ids=lambda refusal: refusal.code)
def test_it_is_a_problem_of_the_table(refusal: Refusal) -> None:
    status, title = TABLE[refusal.code]
    assert (refusal.status, refusal.title) == (int(status), title)
    head, _, body = refusal.answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body)["code"] == refusal.code
    wanted = RETRY_AFTER.get(refusal.code)
    assert (f"Retry-After: {wanted}".encode() in head) is (wanted is not None)
