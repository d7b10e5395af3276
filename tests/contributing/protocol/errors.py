"""How the toy protocol answers errors: one table, code -> status; the body is one line."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from http_kit import problems
from http_kit.problem_table import TABLE as OF_REST

TABLE: dict[str, int] = {
    **{code: int(status) for code, (status, _) in OF_REST.items()},
    "parent_not_found": HTTPStatus.CONFLICT,  # where this dialect answers otherwise than REST
}


def answer(error: Exception, request: HttpRequest) -> HttpResponse:
    """Any error at all; those that are a fault of ours are logged and tell nothing."""
    found = problems.of(error, request)
    line = f"{found.code}: {found.detail}\n"
    return HttpResponse(line, status=TABLE[found.code], headers=found.headers, content_type="text/plain; charset=utf-8")
