"""The one suite of all backends, tests/conformance, for one backend more."""

import pytest

from storage import registry
from tests.conformance import conftest as conformance
from tests.conformance.conftest import open_place, place, probed, storage  # noqa: F401
from tests.conformance.test_broken_input import *  # noqa: F403
from tests.conformance.test_storage import *  # noqa: F403
from tests.conformance.test_upkeep import *  # noqa: F403
from tests.contributing.storage_backend.sqlite_rows import build

del test_what_these_servers_can_do_is_found  # noqa: F821  (of certain S3 servers)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> str:
    """In the product, the registry and PLACES have a further line each, and every test runs for the new name."""
    monkeypatch.setitem(registry.BUILDERS, "toy", (build, frozenset()))
    monkeypatch.setitem(conformance.PLACES, "toy", _url)
    return "toy"


def _url(request: pytest.FixtureRequest, name: str) -> str:
    return f"toy://{request.getfixturevalue('tmp_path')}/{name}.sqlite3"
