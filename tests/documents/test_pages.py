"""The pages as a whole: the index leads to all of them, fragments exist, versions and formats are the same."""

import json
import re
from pathlib import Path

import pytest

from dropbox_clone.version import VERSION
from tests.support.pages import PAGES, ROOT, name_of, text_of

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
KINDS = ["Added", "Changed", "Fixed", "Security"]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)]*))?\)")


def links_of(page: Path) -> list[tuple[Path, str]]:
    """Targets inside the repository, each with its fragment."""
    found = []
    for target, fragment in LINK.findall(page.read_text()):
        if "://" not in target:
            found.append(((page.parent / target).resolve() if target else page, fragment))
    return found


def anchors_of(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    reached, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        for target, _ in links_of(page):
            if target.suffix == ".md" and target.exists() and target not in reached:
                reached.add(target)
                if page in (index, ROOT / "docs" / "decisions" / "README.md", ROOT / "docs" / "releases" / "README.md"):
                    waiting.append(target)
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs")}
    assert pages - reached == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_fragments_of_links_are_headings(page: Path) -> None:
    for target, fragment in links_of(page):
        if fragment and target.suffix == ".md":
            assert fragment in anchors_of(target), f"{name_of(page)}: {target.name}#{fragment}"


def test_the_readme_is_short_and_shows_the_product() -> None:
    text = text_of("README.md")
    assert len(text.splitlines()) <= 120
    assert "](docs/screenshot.png)" in text
    screenshot = ROOT / "docs" / "screenshot.png"
    assert screenshot.read_bytes().startswith(b"\x89PNG")
    assert screenshot.stat().st_size <= 200_000


def test_there_is_one_version() -> None:
    assert json.loads(text_of("package.json"))["version"] == VERSION
    lock = json.loads(text_of("package-lock.json"))
    assert {lock["version"], lock["packages"][""]["version"]} == {VERSION}
    assert 'attr = "dropbox_clone.version.VERSION"' in text_of("pyproject.toml")
    assert re.findall(r"^## ([0-9.]+)", text_of("CHANGELOG.md"), re.MULTILINE)[0] == VERSION
    assert (ROOT / "docs" / "releases" / f"{VERSION}.md").exists()
    for folder in ("kubernetes", "marathon"):
        for file in (ROOT / "deploy" / folder).rglob("*"):
            if file.is_file() and file.suffix != ".pyc":
                text = file.read_text()
                found = re.findall(r"dropbox_clone:(\d[\w.]*)|newTag: ([\w.]+)", text)
                assert {one or other for one, other in found} <= {VERSION}, file


def test_the_schema_tells_the_version() -> None:
    from django.conf import settings

    assert settings.SPECTACULAR_SETTINGS["VERSION"] == VERSION


def test_the_changelog_is_by_version_and_kind() -> None:
    sections = re.split(r"^## ", text_of("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    assert len(sections) >= 2
    for section in sections:
        title, _, body = section.partition("\n")
        assert re.fullmatch(r"\d+\.\d+\.\d+ — (\d{4}-\d\d-\d\d|not released yet)", title), title
        kinds = re.findall(r"^### (.*)$", body, re.MULTILINE)
        assert kinds == [kind for kind in KINDS if kind in kinds], title
        assert not re.search(r"^- ", body.partition("###")[0], re.MULTILINE), "an entry without a kind"


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem[:4])
def test_a_decision_has_the_format(path: Path) -> None:
    text = path.read_text()
    number = int(path.name[:4])
    head = re.match(r"# (\d+)\. .+\n\n- Date: \d{4}-\d\d-\d\d\n- Status: (.+)\n\n## Context\n", text)
    assert head is not None, text[:200]
    assert int(head[1]) == number
    assert re.fullmatch(r"accepted|superseded by \d+|number not used", head[2])
    assert [
        part for part in re.findall(r"^## (.*)$", text, re.MULTILINE) if part in ("Context", "Decision", "Consequences")
    ] == [
        "Context",
        "Decision",
        "Consequences",
    ]
    assert f"({path.name})" in text_of("docs/decisions/README.md")


def test_the_licence_is_the_whole_text() -> None:
    text = text_of("LICENSE")
    assert "Apache License" in text
    assert "9. Accepting Warranty or Additional Liability" in text
    assert "END OF TERMS AND CONDITIONS" in text
