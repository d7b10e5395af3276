"""What is counted, who may read it, and that it costs little."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from dropbox_clone.metrics import definitions, directory, events, flusher, jobs, storage, web
from dropbox_clone.metrics import endpoints as endpoints
from files.models import Pool, Upload
from storage.base import StorageError
from storage.memory import MemoryStorage
from storage.observing import OPERATIONS
from tests.support.people import make_user
from tests.support.trees import home_of

TOKEN = "a-token-of-the-tests"


@pytest.fixture(autouse=True)
def counting() -> Iterator[None]:
    """This process counts, without a thread."""
    readers = {**storage.READERS, **jobs.READERS, "request": endpoints.read_request, "upload": storage.read_upload}
    readers["database"] = lambda *_: None
    flusher._running = flusher.Flusher("web", readers, [web.Gauges(256)])
    yield
    flusher._running = None
    events.restart(1000)


def value(name: str, **labels: str) -> float:
    flusher.flush()
    return definitions.OWN.get_sample_value(f"dropbox_clone_{name}", labels) or 0.0


def gunicorn_request(path: str = "/api/v1/content/a.txt", method: str = "PUT", body: bytes = b"") -> Any:
    reader = SimpleNamespace(length=len(body))
    return SimpleNamespace(path=path, method=method, body=SimpleNamespace(reader=reader))


def answered(status: int = 201, sent: int = 10, length: int | None = None) -> Any:
    return SimpleNamespace(status_code=status, sent=sent, response_length=length)


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/api/v1/content/static/x", "content"),
        ("/api/v1/changes?cursor=1", "changes"),
        ("/api/v1/bulk", "bulk"),
        ("/api/v1/folders", "api"),
        ("/tus/123", "tus"),
        ("/static/app.js", "static"),
        ("/", "web"),
        ("", "web"),
        ("/whatever/somebody/asks", "web"),
        ("/readyz", "probes"),
    ],
)
def test_endpoints_are_few(path: str, endpoint: str) -> None:
    assert endpoints.endpoint_of(path) == endpoint


def test_a_request_is_counted_when_its_last_byte_is_out() -> None:
    labels = {"endpoint": "content", "method": "PUT"}
    before = value("http_requests_total", **labels, status="2xx")
    seconds = value("http_request_duration_seconds_count", **labels)
    received, sent = (value(f"http_{way}_bytes_total", endpoint="content") for way in ("received", "sent"))
    request = gunicorn_request(body=b"x" * 1000)
    web.begin(None, request)
    assert value("web_threads_busy") == 1
    assert value("http_requests_total", **labels, status="2xx") == before
    request.body.reader.length = 100  # 900 were read
    web.finish(None, request, {}, answered(sent=412))
    assert value("web_threads_busy") == 0
    assert value("http_requests_total", **labels, status="2xx") == before + 1
    assert value("http_request_duration_seconds_count", **labels) == seconds + 1
    assert value("http_received_bytes_total", endpoint="content") == received + 900
    assert value("http_sent_bytes_total", endpoint="content") == sent + 412


def test_what_sendfile_sends_is_its_length_but_head_sends_nothing() -> None:
    sent = value("http_sent_bytes_total", endpoint="content")
    for method in ("GET", "HEAD"):
        request = gunicorn_request(method=method)
        web.begin(None, request)
        web.finish(None, request, {}, answered(200, sent=0, length=5_000_000))
    assert value("http_sent_bytes_total", endpoint="content") == sent + 5_000_000


def test_a_strange_method_makes_no_new_series() -> None:
    before = value("http_requests_total", endpoint="web", method="other", status="4xx")
    request = gunicorn_request("/x", "SPY123")
    web.begin(None, request)
    web.finish(None, request, {}, answered(405))
    assert value("http_requests_total", endpoint="web", method="other", status="4xx") == before + 1


def test_busy_threads_are_summed_over_time() -> None:
    before = value("web_busy_seconds_total")
    request = gunicorn_request()
    web.begin(None, request)
    flusher.flush()
    time.sleep(0.3)
    assert 0.29 < value("web_busy_seconds_total") - before < 5
    web.finish(None, request, {}, answered())


def test_histograms_have_their_sum_and_buckets() -> None:
    labels = {"backend": "memory", "operation": "put"}
    name = "storage_duration_seconds"
    before = [value(f"{name}_bucket", **labels, le=edge) for edge in ("0.005", "0.01", "+Inf")]
    total = value(f"{name}_sum", **labels)
    for seconds in (0.006, 0.01, 7.0, 1000.0):
        events.note(("storage", "memory", "put", seconds, ""))
    after = [value(f"{name}_bucket", **labels, le=edge) for edge in ("0.005", "0.01", "+Inf")]
    assert [round(b - a) for a, b in zip(before, after, strict=True)] == [0, 2, 4]
    assert value(f"{name}_sum", **labels) - total == pytest.approx(1007.016)


def test_storages_are_seen_with_their_errors() -> None:
    store = MemoryStorage("metrics-test")
    labels = {"backend": "memory", "operation": "put"}
    before = value("storage_duration_seconds_count", **labels)
    key = "ab/cd/" + "0" * 64 + "-" + "1" * 32
    store.put(key, [b"x"], size=1)
    assert value("storage_duration_seconds_count", **labels) == before + 1
    failed = value("storage_errors_total", **labels, code="refused")
    with pytest.raises(StorageError):
        store.put(key, [b"x"], size=1)
    assert value("storage_errors_total", **labels, code="refused") == failed + 1
    assert all(hasattr(getattr(MemoryStorage, operation), "__wrapped__") for operation in OPERATIONS)


@pytest.mark.django_db(transaction=True)
def test_uploads_are_counted_when_their_transaction_is_through() -> None:
    started, finished = (value("uploads_total", event=event) for event in ("started", "finished"))
    home = home_of(make_user())
    pool = Pool.objects.get_or_create(name="default")[0]

    def create() -> Upload:
        return Upload.objects.create(space=home, pool=pool, expires_at="2999-01-01T00:00Z")

    with transaction.atomic():
        create()
        transaction.set_rollback(True)
    assert value("uploads_total", event="started") == started
    upload = create()
    assert value("uploads_total", event="started") == started + 1
    upload.save(update_fields=["length"])
    upload.save(update_fields=["finished_at"])
    assert value("uploads_total", event="finished") == finished + 1


def test_notes_without_a_reader_are_few() -> None:
    events.restart(1000)
    for number in range(5000):
        events.note(("storage", "memory", "put", float(number), ""))
    assert len(events.notes) == 1000


def test_the_counts_survive_a_dead_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prometheus_client.mmap_dict import MmapedDict, mmap_key
    from prometheus_client.multiprocess import MultiProcessCollector

    monkeypatch.setenv(directory.VARIABLE, str(tmp_path))
    key = mmap_key("requests", "requests_total", ["endpoint"], ["web"], "help")
    for pid, amount in ((11, 3.0), (12, 4.0)):
        for kind in ("counter", "gauge_livesum"):
            numbers = MmapedDict(str(tmp_path / f"{kind}_{pid}.db"))
            numbers.write_value(key, amount, 0.0)
            numbers.close()

    def sums() -> dict[str, float]:
        found = MultiProcessCollector(None, str(tmp_path)).collect()
        return {metric.type: sum(sample.value for sample in metric.samples) for metric in found}

    directory.bury(11)
    assert sorted(path.name for path in tmp_path.glob("*.db")) == [
        "counter_0.db",
        "counter_12.db",
        "gauge_livesum_12.db",
    ]
    counters = MultiProcessCollector.merge([str(path) for path in tmp_path.glob("counter_*.db")])
    assert sum(sample.value for metric in counters for sample in metric.samples) == 7
    directory.bury(12)
    directory.bury(12)
    assert [path.name for path in tmp_path.glob("*.db")] == ["counter_0.db"]
    assert sums() == {"counter": 7}


def test_nobody_is_buried_while_somebody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(directory.VARIABLE, str(tmp_path))
    (tmp_path / "gauge_livesum_11.db").touch()
    burial = threading.Thread(target=directory.bury, args=(11,), daemon=True)
    with directory.shared(), directory.shared():
        burial.start()
        burial.join(0.2)
        assert burial.is_alive()
        assert (tmp_path / "gauge_livesum_11.db").exists()
    burial.join(10)
    assert not (tmp_path / "gauge_livesum_11.db").exists()


def test_what_a_killed_master_left_is_removed_but_not_what_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory.os, "access", lambda *_: False)
    monkeypatch.setattr(directory.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv(directory.VARIABLE, "")
    left = tmp_path / f"{directory.PREFIX}old"
    left.mkdir()
    (left / directory.LOCK).touch()
    mine = directory.create()
    assert not left.exists()
    other = directory.create()
    assert mine.exists()
    directory.remove()
    assert not other.exists()
    monkeypatch.setenv(directory.VARIABLE, str(mine))
    directory.remove()


@pytest.mark.parametrize(
    ("token", "allowed", "headers", "status"),
    [
        ("", [], {}, 404),
        ("", [], {"authorization": "Bearer "}, 404),
        (TOKEN, [], {"authorization": f"Bearer {TOKEN}"}, 200),
        (TOKEN, [], {"authorization": "Bearer wrong"}, 404),
        (TOKEN, [], {"authorization": f"Basic {TOKEN}"}, 404),
        ("", ["127.0.0.0/8"], {}, 200),
        ("", ["10.0.0.0/8"], {}, 404),
        ("", ["127.0.0.0/8"], {"x-forwarded-for": "127.0.0.1"}, 404),
        ("", ["127.0.0.0/8"], {"via": "1.1 proxy"}, 404),
        (TOKEN, [], {"authorization": f"Bearer {TOKEN}", "x-forwarded-for": "1.2.3.4"}, 200),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_who_may_read_it(
    client: Client, settings: Any, token: str, allowed: list[str], headers: dict[str, str], status: int
) -> None:
    import ipaddress

    settings.METRICS_TOKEN, settings.METRICS_ALLOW = token, [ipaddress.ip_network(text) for text in allowed]
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert b"dropbox_clone_web_threads 256.0" in answer.content
        assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.django_db(transaction=True)
def test_a_question_that_hangs_does_not_hold_up_the_answer(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dropbox_clone.metrics import state
    from dropbox_clone.metrics.state_questions import Question

    released = threading.Event()

    def hang() -> list[Any]:
        released.wait(20)
        return []

    monkeypatch.setattr(state, "_state", state._State())
    monkeypatch.setattr(state, "PATIENCE", 0.2)
    monkeypatch.setattr(state, "QUESTIONS", (Question("hangs", 10, hang),))
    settings.METRICS_TOKEN = TOKEN
    started = time.monotonic()
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    released.set()
    assert time.monotonic() - started < 5
    assert re.search(rb'dropbox_clone_state_age_seconds{question="hangs"} \+Inf', answer.content)
    connection.close()


IMPORTS = """
import sys, django
django.setup()
import dropbox_clone.celery, dropbox_clone.urls, dropbox_clone.web_server.worker
raise SystemExit("prometheus_client" in sys.modules)
"""


def test_nothing_imports_prometheus_client_before_its_folder_is_made() -> None:
    """It decides at its import where numbers live: those of a worker would be in its memory, and on no page."""
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, timeout=60)


def test_noting_a_request_costs_little() -> None:
    """Far below 20 µs of processor time; a bound that a machine five times as slow keeps."""
    request, response = gunicorn_request(body=b"x"), answered()
    best = float("inf")
    for _ in range(5):
        started = time.thread_time()
        for _ in range(2000):
            web.begin(None, request)
            events.note(("storage", "memory", "put", 0.001, ""))
            web.finish(None, request, {}, response)
        flusher.flush()
        best = min(best, (time.thread_time() - started) / 2000)
    assert best < 60e-6
