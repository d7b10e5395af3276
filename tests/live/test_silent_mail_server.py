"""A mail server that takes connections and says nothing: no request waits for it, fails with it or tells by it."""

import re
import socket
from collections.abc import Iterator

import pytest
import requests

from tests.servers.product import PASSWORD, Product, start_product

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def silent() -> Iterator[int]:
    """The port of a server that never greets."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def product(silent: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("product")
    with start_product(folder, with_worker=True, EMAIL_URL=f"smtp://127.0.0.1:{silent}", SIGNUP="open") as running:
        running.create_accounts(["known@example.com", "taken@example.com"])
        yield running


def post(product: Product, page: str, **form: str) -> tuple[int, str]:
    browser = requests.Session()
    url = f"{product.base_url}{page}"
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(url, timeout=30).text)
    assert found is not None
    # Its own time-out towards a mail server is ten seconds: nothing here may take as long.
    answer = browser.post(url, data={**form, "csrfmiddlewaretoken": found[1]}, allow_redirects=False, timeout=9)
    return answer.status_code, answer.headers.get("Location", "")


def test_a_reset_answers_alike(product: Product) -> None:
    known = post(product, "/accounts/password/reset/", email="known@example.com")
    unknown = post(product, "/accounts/password/reset/", email="nobody@example.com")
    assert known == unknown == (302, "/accounts/password/reset/done/")


def test_a_sign_up_answers_alike(product: Product) -> None:
    taken = post(product, "/accounts/signup/", email="taken@example.com", password1=PASSWORD)
    new = post(product, "/accounts/signup/", email="new@example.com", password1=PASSWORD)
    assert taken == new
    assert new[0] == 302
