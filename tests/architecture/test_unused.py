"""Nothing stands in the product that only tests use: a test of it would prove nothing of what people meet."""

import ast
import re
from collections import Counter
from pathlib import Path

from tests.architecture.test_house import ROOT, SOURCES, name_of

# Found by a framework through their base class or their module.
FRAMEWORKS = ("Config", "Scheme")
HOOKS = {"dropbox_clone/web_server/gunicorn_conf.py", "dropbox_clone/settings.py"}


def texts() -> list[str]:
    """All that may use something: code, pages, scripts."""
    further = [path for folder in ("deploy", "benchmarks", "scripts") for path in (ROOT / folder).rglob("*.*")]
    pages = (ROOT / "templates").rglob("*.html")
    readable = [path for path in further if path.suffix in (".py", ".sh", ".yaml", ".json")]
    files = [*SOURCES, *readable, *pages, ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / "Dockerfile"]
    return [path.read_text() for path in files]


def definitions(path: Path) -> list[str]:
    """Functions and classes at the top level that no decorator gives to somebody."""
    nodes = ast.parse(path.read_text()).body
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node.name for node in nodes if isinstance(node, kinds) and not node.decorator_list]


def test_what_is_defined_is_used() -> None:
    words = Counter(word for text in texts() for word in re.findall(r"\w+", text))
    unused = {
        f"{name_of(path)}: {name}"
        for path in SOURCES
        if name_of(path) not in HOOKS
        for name in definitions(path)
        if words[name] == 1 and not name.endswith(FRAMEWORKS)
    }
    assert unused == set()
