"""What a recipe shows is what is tested, and all of it."""

import re
from pathlib import Path

import pytest

from tests.contributing.recipes import PAGES, ROOT, filled_in, shown

EXAMPLES = ROOT / "tests/contributing"
RECIPES = [page for page in PAGES if page.stem != "README"]


@pytest.mark.parametrize("page", RECIPES, ids=lambda page: page.stem)
def test_a_recipe_shows_the_code_that_is_tested(page: Path) -> None:
    for path, code in shown(page).items():
        assert code == (ROOT / path).read_text(), f"{path} has changed: run python -m tests.contributing.recipes"


@pytest.mark.parametrize("page", RECIPES, ids=lambda page: page.stem)
def test_a_recipe_shows_no_other_code_and_its_whole_example(page: Path) -> None:
    assert len(re.findall(r"^```python", page.read_text(), re.MULTILINE)) == len(shown(page))
    folder = EXAMPLES / page.stem.removeprefix("add_a_")
    files = {path for path in folder.glob("*.py") if path.name != "__init__.py"}
    assert {ROOT / path for path in shown(page)} == files


def test_every_example_has_a_recipe_and_the_index_has_them_all() -> None:
    examples = {f"add_a_{folder.name}" for folder in EXAMPLES.iterdir() if (folder / "__init__.py").is_file()}
    assert {page.stem for page in RECIPES} == examples
    assert set(re.findall(r"\((\w+)\.md\)", (ROOT / "docs/contributing/README.md").read_text())) == examples


def test_a_block_that_differs_is_found() -> None:
    fence = "`" * 3
    stale = f"Text.\n{fence}python tests/contributing/feature/errors.py\nstale\n{fence}\nMore.\n"
    fresh = filled_in(stale)
    assert (EXAMPLES / "feature/errors.py").read_text() in fresh
    assert "stale" not in fresh
    assert fresh.endswith(f"\n{fence}\nMore.\n")
