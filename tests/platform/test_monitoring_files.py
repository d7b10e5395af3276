"""Alert rules, scrape configuration, dashboard and page speak of metrics that exist, and of all of them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dropbox_clone.configuration import BASE_DIR
from dropbox_clone.metrics import state_questions
from dropbox_clone.metrics.definitions import OWN

PROMETHEUS = BASE_DIR / "deploy" / "prometheus"
DASHBOARD = BASE_DIR / "deploy" / "grafana" / "dropbox_clone.json"
PAGE = BASE_DIR / "docs" / "operations" / "monitoring.md"
NAME = re.compile(r"\bdropbox_clone_[a-z0-9_]+")
RECORD = re.compile(r"\bdropbox_clone:[a-z0-9_]+")
SUFFIX = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
JOBS = {"dropbox_clone_web", "dropbox_clone_worker", "dropbox_clone_load", "dropbox_clone_alerts"}  # no metrics


@pytest.fixture
def metrics(db: None) -> dict[str, str]:
    """Names without suffix, and their types: of processes, and of what the database knows."""
    found = {metric.name: metric.type for metric in OWN.collect()}
    for question in state_questions.QUESTIONS:
        if question.name != "messages":
            found |= {metric.name: metric.type for metric in question.ask()}
    return {**found, "dropbox_clone_queue_messages": "gauge", "dropbox_clone_state_age_seconds": "gauge"}


def series(metrics: dict[str, str]) -> set[str]:
    return {name + suffix for name, kind in metrics.items() for suffix in SUFFIX[kind]}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "dropbox_clone.rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions_of_dashboard() -> Iterator[str]:
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for variable in dashboard["templating"]["list"]:
        yield json.dumps(variable["query"])


def test_rules_ask_for_what_is_there(metrics: dict[str, str]) -> None:
    asked = {name for rule in rules() for name in NAME.findall(rule["expr"])} - JOBS
    assert asked
    assert asked <= series(metrics), asked - series(metrics)


def test_the_dashboard_shows_what_is_there_and_all_of_it(metrics: dict[str, str]) -> None:
    expressions = list(expressions_of_dashboard())
    shown = {name for expression in expressions for name in NAME.findall(expression)}
    assert shown <= series(metrics), shown - series(metrics)
    records = {rule["record"] for rule in rules() if "record" in rule}
    recorded = {name for expression in expressions for name in RECORD.findall(expression)}
    assert recorded == records
    of_rules = {name for rule in rules() if "record" in rule for name in NAME.findall(rule["expr"])}
    everything = shown | of_rules
    forgotten = {
        name for name, kind in metrics.items() if not any(name + suffix in everything for suffix in SUFFIX[kind])
    }
    assert not forgotten


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_the_page_explains_every_metric_and_alert(metrics: dict[str, str]) -> None:
    text = PAGE.read_text()
    named = set(NAME.findall(text)) - JOBS
    assert named <= series(metrics) | set(metrics), named - series(metrics)
    missing = {name for name, kind in metrics.items() if not named & {name, *(name + end for end in SUFFIX[kind])}}
    assert not missing
    for rule in rules():
        assert rule.get("alert", rule.get("record")) in text, rule


def test_prometheus_accepts_them(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    assert promtool is not None, "promtool is missing: apt-get install prometheus"
    for name in PROMETHEUS.glob("*.yml"):
        shutil.copy(name, tmp_path)
    (tmp_path / "metrics_token").write_text("token")
    for arguments in (
        ["check", "config", "prometheus.yml"],
        ["check", "rules", "dropbox_clone.rules.yml"],
        ["test", "rules", "dropbox_clone.rules.test.yml"],
    ):
        done = subprocess.run([promtool, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
