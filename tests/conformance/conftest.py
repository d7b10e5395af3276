"""Every test that takes `storage` runs once for each backend, in an empty place of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence

import pytest

from storage import Capabilities, Storage, open_storage
from tests.servers import azurite, fake_gcs, minio, seaweedfs, swift
from tests.servers.s3 import S3Server

# Backends whose servers not every machine has, and why this one lacks them (None: it has); see test_backends.py.
OPTIONAL = {
    "minio": minio.missing(),
    "swift": swift.missing(),
    "google": fake_gcs.missing(),
    "azure": azurite.missing(),
}
# How a test gets an empty place of a backend: its URL, from the name of the place. A new backend is a line here.
PLACES: dict[str, Callable[[pytest.FixtureRequest, str], str]] = {
    "local": lambda request, place: (request.getfixturevalue("tmp_path") / place).as_uri(),
    "memory": lambda request, place: f"memory://{place}",
    "seaweedfs": lambda request, place: request.getfixturevalue("seaweedfs_server").url(place),
    "minio": lambda request, place: request.getfixturevalue("minio_server").url(place),
    "swift": lambda request, place: request.getfixturevalue("swift_server").url(place),
    "google": lambda request, place: request.getfixturevalue("google_server").create_bucket(place),
    "azure": lambda request, place: request.getfixturevalue("azure_server").create_container(place),
}
BACKENDS = tuple(name for name in PLACES if OPTIONAL.get(name) is None)
FULL_S3_BACKENDS = tuple(name for name in ("seaweedfs", "minio") if name in BACKENDS)  # they can do everything
S3_BACKENDS = tuple(name for name in ("seaweedfs", "minio", "swift") if name in BACKENDS)


def in_their_group(names: Sequence[str]) -> list[object]:
    """The optional ones take long, so they are not in the gate."""
    return [pytest.param(name, marks=pytest.mark.long) if name in OPTIONAL else name for name in names]


@pytest.fixture(scope="session")
def seaweedfs_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Required: without the binary, or when it does not start, the tests fail."""
    server = seaweedfs.start(tmp_path_factory.mktemp("seaweedfs"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def minio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Where somebody has built it."""
    server = minio.start(tmp_path_factory.mktemp("minio"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def swift_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Where the system has its packages."""
    server = swift.start(tmp_path_factory.mktemp("swift"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def google_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fake_gcs.FakeGcs]:
    """An emulator, so it shows that our side speaks the protocol and not what Google does."""
    server = fake_gcs.start(tmp_path_factory.mktemp("google"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def azure_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[azurite.Azurite]:
    """An emulator, so it shows that our side speaks the protocol and not what Azure does."""
    server = azurite.start(tmp_path_factory.mktemp("azure"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def probed() -> dict[str, Capabilities]:
    """One probe a server, not one a test."""
    return {}


@pytest.fixture
def open_place(
    backend: str, request: pytest.FixtureRequest, probed: dict[str, Capabilities]
) -> Callable[..., tuple[str, Storage]]:
    """A URL of `backend` at an empty place, and its storage."""

    def open_one() -> tuple[str, Storage]:
        url = PLACES[backend](request, f"place-{secrets.token_hex(8)}")
        if backend not in probed:
            probed[backend] = open_storage(url).capabilities
        return url, open_storage(url, probed.get(backend))

    return open_one


@pytest.fixture(params=in_their_group(BACKENDS))
def backend(request: pytest.FixtureRequest) -> str:
    """The name of the backend under test."""
    name: str = request.param
    return name


@pytest.fixture
def place(open_place: Callable[[], tuple[str, Storage]]) -> tuple[str, Storage]:
    """URL and storage of an empty place."""
    return open_place()


@pytest.fixture
def storage(place: tuple[str, Storage]) -> Storage:
    """An empty storage."""
    return place[1]


@pytest.fixture
def s3_server(backend: str, request: pytest.FixtureRequest) -> S3Server:
    """The server behind `storage`, for tests of S3_BACKENDS."""
    server: S3Server = request.getfixturevalue(f"{backend}_server")
    return server
