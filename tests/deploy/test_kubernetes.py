"""deploy/kubernetes: kustomize renders it, Kubernetes' own schemas accept it, and it keeps the rules of the house."""

import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from dropbox_clone.configuration import configured_names, read_configuration
from dropbox_clone.env import ConfigurationError
from tests.deploy.drain import seconds_to_stop

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
EXAMPLE = FOLDER / "overlays" / "example"
VERSIONS = ("1.29", "1.37")  # the oldest and the newest that are promised
Resource = dict[str, Any]


def kustomize() -> list[str]:
    """What renders a kustomization: kustomize (scripts/build_kustomize.sh) or kubectl; a loud skip without either."""
    for command in (
        [str(ROOT / ".cache" / "bin" / "kustomize"), "build"],
        ["kustomize", "build"],
        ["kubectl", "kustomize"],
    ):
        if shutil.which(command[0]):
            return command
    reason = "neither kustomize nor kubectl: scripts/build_kustomize.sh builds one where Go is"
    sys.stderr.write(f"\nDEPLOY/KUBERNETES IS NOT RENDERED: {reason}\n")
    pytest.skip(reason)


def render(folder: Path) -> list[Resource]:
    done = subprocess.run([*kustomize(), folder], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr.lower(), done.stderr
    return [resource for resource in yaml.safe_load_all(done.stdout) if resource]


@pytest.fixture(scope="module")
def example() -> list[Resource]:
    return render(EXAMPLE)


@pytest.fixture(scope="module")
def migration() -> list[Resource]:
    return render(EXAMPLE / "migrate")


def one(resources: list[Resource], kind: str, name: str) -> Resource:
    return next(row for row in resources if row["kind"] == kind and row["metadata"]["name"].startswith(name))


def pods(resources: list[Resource]) -> Iterator[tuple[str, Resource]]:
    for row in resources:
        if row["kind"] in ("Deployment", "Job"):
            yield row["metadata"]["name"].removeprefix("dropbox-clone-"), row["spec"]["template"]


def environment(resources: list[Resource], template: Resource) -> dict[str, str]:
    """What the container is given, without what comes from secrets."""
    settings = one(resources, "ConfigMap", "dropbox-clone-settings")["data"]
    return {**settings, **{row["name"]: row["value"] for row in template["spec"]["containers"][0]["env"]}}


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_accepts_it(example: list[Resource], migration: list[Resource], version: str) -> None:
    for resource in (*example, *migration):
        kubernetes_validate.validate(resource, version, strict=True)


def test_kubernetes_would_refuse(example: list[Resource]) -> None:
    web = yaml.safe_load(yaml.safe_dump(one(example, "Deployment", "dropbox-clone-web")))
    web["spec"]["template"]["spec"]["containers"][0]["livenessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(web, VERSIONS[-1], strict=True)


def test_all_is_there(example: list[Resource], migration: list[Resource]) -> None:
    kinds = sorted(row["kind"] for row in example)
    assert [kinds.count(kind) for kind in ("Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler")] == [3, 2, 2]
    assert kinds.count("NetworkPolicy") == 4
    assert [row["kind"] for row in migration if row["kind"] == "Job"] == ["Job"]
    assert all(row["metadata"].get("namespace") == "dropbox-clone" or row["kind"] == "Namespace" for row in example)
    for role, template in (*pods(example), *pods(migration)):
        container = template["spec"]["containers"][0]
        assert container["args"][:4] == ["python", "-m", "dropbox_clone.entry", role]
        assert container["image"] == "registry.example.com/dropbox_clone:0.2.0"


def test_every_pod_is_restricted(example: list[Resource], migration: list[Resource]) -> None:
    """A read-only root, and what the Pod Security Standard `restricted` asks for, which the namespace enforces."""
    for role, template in (*pods(example), *pods(migration)):
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False, role
        assert spec["enableServiceLinks"] is False, role
        assert spec["securityContext"]["runAsNonRoot"] is True, role
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, role
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, role
            assert context["allowPrivilegeEscalation"] is False, role
            assert context["capabilities"] == {"drop": ["ALL"]}, role
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), role
            assert {"cpu", "memory"} <= set(container["resources"]["limits"]), role
        assert not any("hostPath" in volume for volume in spec["volumes"]), role
    assert one(example, "ServiceAccount", "dropbox-clone")["automountServiceAccountToken"] is False


def test_probes_and_stops(example: list[Resource]) -> None:
    for role, template in pods(example):
        container = template["spec"]["containers"][0]
        stop = seconds_to_stop(environment(example, template))
        assert template["spec"]["terminationGracePeriodSeconds"] >= stop + 5, role
        assert "readinessProbe" not in container or role == "web"
    web = dict(pods(example))["web"]["spec"]["containers"][0]
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert web["livenessProbe"]["httpGet"]["path"] == web["startupProbe"]["httpGet"]["path"] == "/healthz"
    # A replica is taken from the endpoints before it refuses connections.
    noticed = web["readinessProbe"]["periodSeconds"] * web["readinessProbe"]["failureThreshold"]
    assert seconds_to_stop({"DRAIN_DELAY": "15s", "STOP_TIMEOUT": "1s"}) - 1 > noticed
    assert {"name": "DRAIN_DELAY", "value": "15s"} in web["env"]


def test_rolling(example: list[Resource]) -> None:
    web = one(example, "Deployment", "dropbox-clone-web")["spec"]
    assert web["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert "replicas" not in web, "the autoscaler's number would be overwritten by every apply"
    assert one(example, "Deployment", "dropbox-clone-beat")["spec"]["strategy"] == {"type": "Recreate"}
    for role in ("web", "worker"):
        template = dict(pods(example))[role]
        keys = {row["topologyKey"] for row in template["spec"]["topologySpreadConstraints"]}
        assert keys == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        scaler = one(example, "HorizontalPodAutoscaler", f"dropbox-clone-{role}")["spec"]
        assert scaler["scaleTargetRef"]["name"] == f"dropbox-clone-{role}"
        assert (
            scaler["minReplicas"]
            > one(example, "PodDisruptionBudget", f"dropbox-clone-{role}")["spec"]["maxUnavailable"]
        )


def test_selectors_find_their_pods(example: list[Resource], migration: list[Resource]) -> None:
    labels = {role: template["metadata"]["labels"] for role, template in (*pods(example), *pods(migration))}
    for kind in ("Deployment", "PodDisruptionBudget"):
        for row in (row for row in example if row["kind"] == kind):
            role = row["metadata"]["name"].removeprefix("dropbox-clone-")
            wanted = row["spec"]["selector"]["matchLabels"].items()
            assert [name for name, has in labels.items() if wanted <= has.items()] == [role], (kind, role)
    service = one(example, "Service", "dropbox-clone-web")["spec"]
    assert [name for name, has in labels.items() if service["selector"].items() <= has.items()] == ["web"]
    denied = one(example, "NetworkPolicy", "dropbox-clone-default-deny")["spec"]
    assert denied["podSelector"].get("matchLabels", {}).items() <= labels["migrate"].items()
    assert set(denied["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in denied
    assert "egress" not in denied


def test_the_ways_out_lead_to_every_service(example: list[Resource]) -> None:
    rules = one(example, "NetworkPolicy", "dropbox-clone-egress")["spec"]["egress"]
    ports = {port["port"] for rule in rules for port in rule["ports"]}
    configuration = read_configuration({**example_secrets(example), "SECRET_KEY": "x" * 32, "METRICS_TOKEN": ""})
    for url in (configuration.database, configuration.cache, configuration.broker, configuration.storage):
        assert url.port in ports, url.scheme
    assert {53, configuration.email.port} <= ports


def test_what_scaling_watches_is_measured(example: list[Resource]) -> None:
    """The names in the autoscalers are those that the adapter makes, of series that the product has."""
    text = (FOLDER / "prometheus-adapter.yaml").read_text()
    rules = yaml.safe_load(text)["rules"]
    made = {rule["name"]["as"] for rule in (*rules["custom"], *rules["external"])}
    watched = set()
    for role in ("web", "worker"):
        for metric in one(example, "HorizontalPodAutoscaler", f"dropbox-clone-{role}")["spec"]["metrics"]:
            source = metric.get("pods") or metric.get("external")
            watched |= {source["metric"]["name"]} if source else set()
    assert watched == made
    queries = " ".join(rule["metricsQuery"] + rule["seriesQuery"] for rule in (*rules["custom"], *rules["external"]))
    source = "".join(path.read_text() for path in (ROOT / "dropbox_clone" / "metrics").glob("*.py"))
    for name in set(re.findall(r"dropbox_clone_(\w+)", queries)):
        assert f'"{name.removesuffix("_total")}"' in source, name


def test_the_example_does_not_start_as_it_is(example: list[Resource]) -> None:
    """Nobody runs by accident with a key that the world knows."""
    with pytest.raises(ConfigurationError, match="at least"):
        read_configuration(example_secrets(example))


def example_secrets(resources: list[Resource]) -> dict[str, str]:
    data = one(resources, "Secret", "dropbox-clone-secrets")["data"]
    return {name.upper(): base64.b64decode(value).decode() for name, value in data.items()}


def test_settings_are_known_and_secrets_are_files(example: list[Resource], migration: list[Resource]) -> None:
    held = {name.lower() for name in example_secrets(example)}
    for role, template in (*pods(example), *pods(migration)):
        given = environment(example, template)
        assert {name.removesuffix("_FILE") for name in given} <= configured_names(), role
        for name, value in given.items():
            if name.endswith("_FILE"):
                assert os.path.basename(value) in held, (role, name)
        volume = next(row for row in template["spec"]["volumes"] if row["name"] == "secrets")
        names = [row["metadata"]["name"] for row in (*example, *migration) if row["kind"] == "Secret"]
        assert volume["secret"]["secretName"] in names, "kustomize did not fill in the name with the hash"
