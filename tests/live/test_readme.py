"""The commands of the README, run as they stand; those of the other pages: tests/documents/test_run_pages.py."""

from pathlib import Path

import pytest

from tests.servers.product import start_product
from tests.support.run_page import run_page


@pytest.mark.timeout(300)
def test_the_readme(tmp_path: Path) -> None:
    (tmp_path / "product").mkdir()
    with start_product(tmp_path / "product") as product:
        run_page("README.md", product, tmp_path)
    assert (tmp_path / "work" / "report.txt").read_text() == "Hello\n"
