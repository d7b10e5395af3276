"""Which backends this machine can test, said once and loudly."""

from __future__ import annotations

import os
import warnings

import pytest

from tests.conformance.conftest import OPTIONAL


@pytest.mark.long
@pytest.mark.parametrize("name", OPTIONAL)
def test_backend_is_tested(name: str) -> None:
    """REQUIRE_BACKENDS=minio,google makes a missing one a failure."""
    reason = OPTIONAL[name]
    if reason is None:
        return
    assert name not in os.environ.get("REQUIRE_BACKENDS", "").split(","), reason
    warnings.warn(f"{name} IS NOT TESTED: {reason}", stacklevel=1)
    pytest.skip(f"{name} IS NOT TESTED: {reason}")
