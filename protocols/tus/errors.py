"""How tus answers errors: code -> status; the body is the same problem document as everywhere.

Clients of tus act on the status alone: 409 says "ask for the offset and go on", 423 "somebody is at it, try
again", 5xx "try again", any other 4xx "give up". So a refusal that no repetition cures is none of the first
three, whatever plain HTTP would call it: a name that is taken is 422, a full quota 413, and so is too
many of anything. A test fails when a code of a catalogue is missing.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from http_kit import problems
from http_kit.problem_table import TABLE as OF_REST

CHECKSUM_MISMATCH = 460  # tus, extension checksum

TABLE: dict[str, int] = {
    **{
        code: HTTPStatus.UNPROCESSABLE_ENTITY if status == HTTPStatus.CONFLICT else int(status)
        for code, (status, _) in OF_REST.items()
    },
    "offset_conflict": HTTPStatus.CONFLICT,
    "piece_overlaps": HTTPStatus.CONFLICT,
    "busy": HTTPStatus.LOCKED,
    "locked": HTTPStatus.UNPROCESSABLE_ENTITY,  # by a person, for longer than a client repeats itself
    "changes_held": HTTPStatus.UNPROCESSABLE_ENTITY,  # until somebody decides
    "checksum_mismatch": CHECKSUM_MISMATCH,
    "quota_exceeded": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "limit_reached": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "upload_finished": HTTPStatus.FORBIDDEN,
}


def answer(error: Exception, request: HttpRequest) -> HttpResponse:
    """Every error becomes a problem, the unknown ones are logged."""
    found = problems.of(error, request)
    return problems.render(found, status=TABLE[found.code])
