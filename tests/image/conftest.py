"""The image, built once a session; a loud skip where it cannot be."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.image import builder
from tests.image.container import Container


@dataclass(frozen=True)
class Image:
    """`files` is the root of its file system; do not write there."""

    files: Path
    configuration: dict[str, Any]
    build_seconds: float

    @property
    def environment(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.configuration["Env"])


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    if reason := builder.missing_tools():
        sys.stderr.write(f"\nTHE IMAGE IS NOT BUILT: {reason}\n")
        pytest.skip(reason)
    seconds = builder.build()
    container, files = builder.mounted()
    yield Image(files, builder.configuration(), seconds)
    builder.buildah("rm", container)


RunContainer = Callable[..., Container]


@pytest.fixture
def run_container(image: Image, tmp_path: Path) -> Iterator[RunContainer]:
    """`run(["python", ...], data=folder, PORT="1234")` with the image's own environment; killed after the test."""
    started: list[Container] = []

    def run(command: list[str], data: Path | None = None, **variables: str) -> Container:
        log = tmp_path / f"container{len(started)}.log"
        environment = {**image.environment, "HOST": "127.0.0.1", **variables}
        container = Container(image.files, command, environment, log, data)
        started.append(container)
        return container

    yield run
    for container in started:
        container.kill()
