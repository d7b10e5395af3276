"""The code blocks of docs/contributing/ are the files of tests/contributing/, literally.

A block begins with three backticks and `python tests/contributing/<path>`. After a change of an example,
`python -m tests.contributing.recipes` copies it into its page.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs/contributing").glob("*.md"))
BLOCK = re.compile(r"^```python (tests/contributing/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown(page: Path) -> dict[str, str]:
    """The code that a page shows, by the path of its file."""
    return dict(BLOCK.findall(page.read_text()))


def filled_in(text: str) -> str:
    """The text of a page with its blocks as the files are now."""
    return BLOCK.sub(lambda block: f"```python {block[1]}\n{(ROOT / block[1]).read_text()}```", text)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(filled_in(page.read_text()))
