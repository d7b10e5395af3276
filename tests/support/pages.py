"""The pages of documentation: their text, their code blocks, their commands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "frontend" / "README.md"])
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block. `language` is what stands behind the fence."""

    page: str
    language: str
    text: str

    @property
    def first_line(self) -> str:
        return self.text.strip().partition("\n")[0]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def blocks_of(page: Path) -> list[Block]:
    return [
        Block(name_of(page), found["language"], dedent(found["text"])) for found in _BLOCK.finditer(page.read_text())
    ]


def shell_blocks() -> list[Block]:
    return [block for page in PAGES for block in blocks_of(page) if block.language == "sh"]


def prose_of(page: Path) -> str:
    """Without fenced blocks, and without comments."""
    return re.sub(r"<!--.*?-->", "", _BLOCK.sub("", page.read_text()), flags=re.DOTALL)


def inline_codes(page: Path) -> Iterator[str]:
    """What stands between backticks in prose. `\\|` is how a table writes `|`."""
    for found in re.findall(r"`([^`\n]+)`", prose_of(page)):
        yield found.replace("\\|", "|")


def lines_of_code(page: Path) -> Iterator[str]:
    """Inline code, and the lines of all blocks, continued ones joined."""
    yield from inline_codes(page)
    for block in blocks_of(page):
        yield from block.text.replace("\\\n", " ").splitlines()
