"""deploy/marathon: Marathon accepts it, its labels lead to the HAProxy of deploy/haproxy, and stops are patient."""

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.haproxy import render
from deploy.marathon import ELSEWHERE, directives, web_application
from dropbox_clone.configuration import configured_names
from tests.deploy import marathon_lb
from tests.deploy.drain import seconds_to_stop
from tests.deploy.marathon_schema import complaints

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "marathon"
FILES = sorted(FOLDER.glob("*.json"))
APPLICATIONS: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text()) for path in FILES}
ROLES = ("web", "worker", "beat", "migrate")
STATEFUL = ("postgresql", "redis", "rabbitmq", "minio", "elasticsearch")


def test_all_are_there() -> None:
    assert set(APPLICATIONS) == {*ROLES, *STATEFUL}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_marathon_accepts_it(name: str) -> None:
    assert complaints(APPLICATIONS[name]) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("instance",), 3),
        (("cpus",), "1"),
        (("cmd",), "both"),
        (("constraints",), [["hostname", "SOMEWHERE"]]),
        (("upgradeStrategy", "maximumOverCapacity"), 2),
        (("healthChecks", 0, "portIndex"), 7),
        (("env", "X"), {"secret": "unknown"}),
        (("readinessChecks", 0, "portName"), "unknown"),
        (("container", "docker", "portMappings"), []),
    ],
)
def test_what_marathon_refuses_is_refused(place: tuple[Any, ...], value: object) -> None:
    application = copy.deepcopy(APPLICATIONS["web"])
    target: Any = application
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    assert complaints(application) != []


@pytest.mark.parametrize("name", APPLICATIONS)
def test_limits_checks_and_privileges(name: str) -> None:
    application = APPLICATIONS[name]
    assert application["cpus"] > 0
    assert application["mem"] >= 128
    assert application["healthChecks"]
    assert application["taskKillGracePeriodSeconds"] >= 10
    docker = application["container"]["docker"]
    assert re.search(r":[^:/]*\d", docker["image"]), "an image without a version"
    assert not docker["privileged"]
    parameters = {(row["key"], row["value"]) for row in docker["parameters"]}
    assert ("cap-drop", "ALL") in parameters
    assert ("security-opt", "no-new-privileges") in parameters
    assert ("read-only", "true") in parameters or name == "elasticsearch"
    for variable, value in application.get("env", {}).items():
        assert (
            isinstance(value, dict)
            or not re.search(r"(SECRET|PASSWORD|TOKEN|_URL$)", variable)
            or (variable == "BASE_URL")
        ), f"{variable} is in the open"


@pytest.mark.parametrize("name", ROLES)
def test_roles_of_the_image(name: str) -> None:
    application = APPLICATIONS[name]
    command = application.get("args") or application["cmd"].split()
    assert name in command
    assert set(application["env"]) <= configured_names()
    assert application["dependencies"] == ["/dropbox-clone/migrate"] or name == "migrate"
    known = {one["id"] for one in APPLICATIONS.values()}
    assert set(application["dependencies"]) <= known


@pytest.mark.parametrize("name", ["web", "worker"])
def test_across_failure_domains_and_one_after_the_other(name: str) -> None:
    application = APPLICATIONS[name]
    assert ["@zone", "GROUP_BY", "3"] in application["constraints"]
    strategy = application["upgradeStrategy"]
    assert strategy["maximumOverCapacity"] * application["instances"] >= 1, "there is no room for a new one"
    if name == "web":
        assert strategy["minimumHealthCapacity"] == 1.0


def test_the_clock_is_one_only() -> None:
    assert APPLICATIONS["beat"]["instances"] == 1
    assert APPLICATIONS["beat"]["upgradeStrategy"] == {"minimumHealthCapacity": 0.0, "maximumOverCapacity": 0.0}


def test_a_stop_is_as_patient_as_the_drain() -> None:
    application = APPLICATIONS["web"]
    variables = {name: value for name, value in application["env"].items() if isinstance(value, str)}
    assert seconds_to_stop(variables) > 30
    assert application["taskKillGracePeriodSeconds"] >= seconds_to_stop(variables) + 5


# -- marathon-lb


def test_the_labels_are_fresh() -> None:
    assert APPLICATIONS["web"] == web_application(), "python -m deploy.marathon"


def test_the_labels_lead_to_the_tested_configuration() -> None:
    template = render(bind=":80", servers={"one": "127.0.0.1:1"})
    wanted = [
        line
        for section in ("defaults", "frontend public", "backend web")
        for line in directives(template, section)
        if not ELSEWHERE.match(line)
    ]
    made = directives(
        marathon_lb.backend_of(APPLICATIONS["web"], []), f"backend {marathon_lb.backend_name(APPLICATIONS['web'])}"
    )
    assert len(wanted) > 20
    assert [line for line in wanted if line not in made] == []
    order = [line for line in wanted if line.startswith("http-request")]
    assert [line for line in made if line.startswith("http-request")] == order
    check = next(line for line in directives(template, "backend web") if line.startswith("default-server"))
    server = marathon_lb.backend_of(APPLICATIONS["web"], [("127.0.0.1", 1)]).splitlines()[-1]
    assert server.endswith(check.removeprefix("default-server "))


def haproxy_says(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is missing: apt-get install haproxy")
    path = folder / "haproxy.cfg"
    path.write_text(text)
    return subprocess.run(["haproxy", "-c", "-f", str(path)], capture_output=True, text=True, timeout=30, check=False)


def test_haproxy_accepts_what_marathon_lb_makes(tmp_path: Path) -> None:
    text = marathon_lb.configuration(APPLICATIONS["web"], [("127.0.0.1", 31000), ("127.0.0.2", 31001)])
    said = haproxy_says(text, tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr


def test_hsts_by_label_would_be_refused(tmp_path: Path) -> None:
    """The reason why the product sends that header itself and the label is not there."""
    application = copy.deepcopy(APPLICATIONS["web"])
    assert "HAPROXY_0_USE_HSTS" not in application["labels"]
    application["labels"]["HAPROXY_0_USE_HSTS"] = "true"
    assert haproxy_says(marathon_lb.configuration(application, [("127.0.0.1", 31000)]), tmp_path).returncode != 0
