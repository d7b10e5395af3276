"""What all pages share."""

from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import RequestFactory

from accounts import errors as account_errors
from files import errors as file_errors
from files.templatetags.files_ui import file_size
from http_kit.page import PAGES
from sharing import errors as sharing_errors
from tests.files.web.conftest import Person
from tests.support.trees import put

ROOT = Path(__file__).resolve().parents[3]


def codes() -> set[str]:
    found = set()
    for module in (file_errors, account_errors, sharing_errors):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Exception):
                found.add(getattr(value, "code", ""))
    return found


def test_the_table_names_only_codes_that_exist() -> None:
    assert set(PAGES) <= codes()


@pytest.mark.parametrize("status", [*sorted(set(PAGES.values())), 413, 500])
def test_every_answer_has_its_page(status: int) -> None:
    html = get_template(f"{status}.html").render({}, RequestFactory().get("/"))
    assert "<h1>" in html


def test_no_page_needs_an_inline_script_style_or_handler(ada: Person) -> None:
    """The content security policy forbids them, so a page that has one is broken."""
    import re

    node = put(ada.actor, "a.txt").node
    for url in ("/", f"/files/{node.pk}/", "/trash/", "/spaces/", f"/picker/{ada.root_id}/", "/files/999/"):
        html = ada.client.get(url).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|hx-vals=.js", html), url
        for attributes in re.findall(r"<script([^>]*)>", html):
            assert "src=" in attributes or 'type="application/json"' in attributes, url


def test_the_scripts_know_every_text_that_they_ask_for() -> None:
    import re

    from files.web.strings import ui_strings
    from sharing.web.strings import ui_strings as of_links

    asked: set[str] = set()
    for source in (ROOT / "frontend" / "src").rglob("*.ts"):
        asked |= set(re.findall(r'\btext\("(\w+)"', source.read_text()))
    assert len(asked) > 10
    assert asked <= set(ui_strings()) | set(of_links())
    of_public_page = (ROOT / "frontend" / "src" / "send.ts").read_text()
    assert set(re.findall(r'\btext\("(\w+)"', of_public_page)) <= set(of_links())


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (12_345, "12 kB"),
        (999_600, "1.0 MB"),
        (3 * 10**9, "3.0 GB"),
    ],
)
def test_sizes(size: int, expected: str) -> None:
    assert file_size(size) == expected
