"""The table from error codes to statuses."""

import inspect

from accounts import errors
from accounts.api.problems import STATUS, problem


def codes() -> set[str]:
    classes = [value for _, value in inspect.getmembers(errors, inspect.isclass)]
    return {value.code for value in classes if issubclass(value, errors.AccountError)}


def test_every_code_has_a_status_and_no_other_is_in_the_table() -> None:
    assert set(STATUS) == codes()


def test_detail_cannot_hide_the_standard_members() -> None:
    body = problem(404, "account_not_found", "Nobody.", {"status": 200, "scope": "read"})
    assert body["status"] == 404
    assert body["scope"] == "read"
