"""No secret reaches a log."""

import logging
import sys

import pytest

from dropbox_clone.logs import RedactingFormatter, redact


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer dbx_HUNTER22secret",
        "headers {'Authorization': 'Basic HUNTER22dXNlcjpwYXNz'}",
        "HTTP_AUTHORIZATION='Bearer HUNTER22abc'",
        "Cookie: session=HUNTER22; csrf=x",
        "postgresql://user:HUNTER22@db:5432/name",
        "redis://:HUNTER22@cache/0",
        "s3://KEY:HUNTER22@host:9000/bucket",
        "password=HUNTER22",
        '{"password": "HUNTER22"}',
        "{'new_password1': 'HUNTER22'}",
        "SECRET_KEY=HUNTER22",
        "access_token: HUNTER22",
        "GET /x?X-Amz-Signature=HUNTER22&X-Amz-Date=1",
        "X-Amz-Credential=HUNTER22%2Fus-east-1",
        "api_key=HUNTER22",
    ],
)
def test_secrets_are_taken_out(text: str) -> None:
    assert "HUNTER22" not in redact(text)
    assert "***" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "GET /files/report.pdf 200",
        "see https://example.com/a@b for more",
        "worker 123 ended (SIGKILL)",
        "3 tokens were deleted",
    ],
)
def test_the_rest_stays(text: str) -> None:
    assert redact(text) == text


def test_arguments_and_tracebacks_are_covered() -> None:
    try:
        raise ValueError("cannot open redis://u:HUNTER22@h/0")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "with %s", ("Bearer HUNTER22",), sys.exc_info())
    text = RedactingFormatter("%(message)s").format(record)
    assert "HUNTER22" not in text
    assert "ValueError: cannot open redis://***@h/0" in text
