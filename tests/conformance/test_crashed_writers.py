"""kill -9 of a writer: its half object is never visible, is found, and is swept."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import Storage
from tests.conformance.conftest import S3_BACKENDS, in_their_group
from tests.conformance.objects import content_of, keys, left_behind, new_key, read

WRITER = """
import sys, time
from storage import open_storage
def chunks():
    for number in range(25):
        yield bytes(1 << 20)
    time.sleep(0.5)  # parts are on their way
    print("halfway", flush=True)
    time.sleep(60)
    yield b"never"
open_storage(sys.argv[1]).put(sys.argv[2], chunks())
"""
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("backend", in_their_group(["local", *S3_BACKENDS]), indirect=True)
def test_a_killed_writer(place: tuple[str, Storage]) -> None:
    url, storage = place
    key, finished = new_key(), new_key()
    storage.put(finished, [content_of(1000)])
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, key],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "halfway\n"
    finally:
        writer.kill()
        writer.communicate()
    assert keys(storage) == [finished]
    assert not storage.exists(key)
    now = datetime.now(UTC)
    assert list(storage.abandoned(now - timedelta(hours=1))) == []
    assert storage.sweep_abandoned(now - timedelta(hours=1)) == 0
    assert len(list(storage.abandoned(now + timedelta(minutes=1)))) == 1
    assert storage.sweep_abandoned(now + timedelta(minutes=1)) == 1
    assert left_behind(storage) == [finished]
    assert read(storage, finished) == content_of(1000)
    storage.put(key, [b"the key is still free"])


def test_sweeping_an_empty_storage(storage: Storage) -> None:
    assert storage.sweep_abandoned(datetime.now(UTC)) == 0
