"""The files of docs/operations/service.md: systemd accepts the unit, and clients work through our nginx."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dropbox_clone.configuration import BASE_DIR
from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess
from tests.servers.product import Account, Product, start_product

UNIT = BASE_DIR / "deploy" / "systemd" / "dropbox_clone.service"
NGINX = BASE_DIR / "deploy" / "nginx" / "dropbox_clone.conf"

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def test_the_unit_is_one(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    text = UNIT.read_text()
    for example, real in (("/srv/dropbox_clone/app/.venv/bin/python", "/bin/true"), ("=dropbox_clone\n", "=root\n")):
        assert example in text
        text = text.replace(example, real)
    unit = tmp_path / UNIT.name
    unit.write_text(text)
    done = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert UNIT.name not in done.stderr, done.stderr


@pytest.fixture(scope="module")
def nginx() -> str:
    """`NGINX` names one that is not installed."""
    found = os.environ.get("NGINX") or shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    return found


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory, nginx: str) -> Iterator[tuple[Product, str, Path]]:
    """The product, the address of nginx in front of it, and the certificate."""
    folder = tmp_path_factory.mktemp("nginx")
    port, plain = free_ports(2)
    address = f"https://localhost:{port}"
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    (folder / "product").mkdir()
    with start_product(folder / "product", BASE_URL=address, TRUSTED_PROXIES="127.0.0.1") as product:
        server = NGINX.read_text()
        for example, real in (
            ("listen 443", f"listen 127.0.0.1:{port}"),
            ("listen 80", f"listen 127.0.0.1:{plain}"),
            ("files.example.com;", "localhost;"),
            ("http://127.0.0.1:8000", product.base_url),
            ("/etc/letsencrypt/live/files.example.com/fullchain.pem", str(certificate)),
            ("/etc/letsencrypt/live/files.example.com/privkey.pem", str(key)),
        ):
            assert example in server, example
            server = server.replace(example, real)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        http = "access_log off;" + "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        user = "user root;" if os.geteuid() == 0 else ""
        own = f"daemon off; {user} pid {folder}/pid; error_log stderr; events {{}}"
        text = f"{own} http {{ {http}\n{server} }}"
        (folder / "nginx.conf").write_text(text)
        process = ServerProcess([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], folder)
        process.wait_until(lambda: _answers(address, certificate))
        yield product, address, certificate
        process.stop()


def _answers(address: str, certificate: Path) -> bool:
    try:
        return requests.get(f"{address}/healthz", verify=str(certificate), timeout=2).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def session(behind: tuple[Product, str, Path], account: Account) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # REQUESTS_CA_BUNDLE goes before `verify` of a session
    session.verify = str(behind[2])
    session.headers.update(account.headers)
    return session


@pytest.fixture(scope="module")
def account(behind: tuple[Product, str, Path]) -> Account:
    return behind[0].create_account("ada@example.com")


def test_large_bodies_go_through_and_are_not_collected(
    behind: tuple[Product, str, Path], session: requests.Session
) -> None:
    body = os.urandom(20_000_000)
    url = f"{behind[1]}/api/v1/content/large.bin"
    assert session.put(url, data=body, timeout=60).status_code == 201
    response = session.get(url, headers={"Accept-Encoding": "gzip"}, timeout=60)
    assert response.content == body
    assert not response.headers["ETag"].startswith("W/")
    part = session.get(url, headers={"Range": "bytes=100-199"}, timeout=60)
    assert (part.status_code, part.content) == (206, body[100:200])
    chunked = session.put(f"{behind[1]}/api/v1/content/chunked.bin", data=iter([b"a" * 100_000] * 50), timeout=60)
    assert chunked.status_code == 201
    assert chunked.json()["size"] == 5_000_000


def test_webdav_goes_through(behind: tuple[Product, str, Path], session: requests.Session, account: Account) -> None:
    _, address, _ = behind
    session.auth = (account.email, account.token)
    assert session.request("MKCOL", f"{address}/dav/folder", timeout=30).status_code == 201
    assert session.put(f"{address}/dav/folder/a.txt", data=b"a", timeout=30).status_code == 201
    moved = session.request(
        "MOVE", f"{address}/dav/folder/a.txt", headers={"Destination": f"{address}/dav/folder/b.txt"}, timeout=30
    )
    assert moved.status_code == 201
    listed = session.request("PROPFIND", f"{address}/dav/folder/", headers={"Depth": "1"}, timeout=30)
    assert listed.status_code == 207
    assert "b.txt" in listed.text


def test_pages_know_https_and_addresses_cannot_be_forged(behind: tuple[Product, str, Path]) -> None:
    product, address, certificate = behind
    page = requests.get(f"{address}/accounts/login/", verify=str(certificate), timeout=30)
    assert page.ok
    assert "max-age" in page.headers["Strict-Transport-Security"]
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
    started = requests.post(f"{address}/index.php/login/v2", headers=forged, verify=str(certificate), timeout=30)
    assert started.ok
    assert started.json()["login"].startswith(address)
    assert "203.0.113.9" not in product.log
    assert requests.get(f"{address}/metrics", verify=str(certificate), timeout=30).status_code == 404
